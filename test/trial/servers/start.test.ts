import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Servers, type ServersOptions, startServers } from '../../../trial/servers/start';
import { assetsWith, FakeFleet } from './fake-fleet';
import { zipOf } from './zip';

/** A site that says who it is, and takes its time to end. */
const SITE = `
const { createServer } = require('http');
const { PORT, SERVER_ID, SERVER_ZONE, TRIAL_ADDRESS } = process.env;
createServer((asked, answer) => {
  if (asked.url === '/exit') process.exit(9);
  answer.end(JSON.stringify({ id: SERVER_ID, zone: SERVER_ZONE, env: process.env }));
}).listen(PORT, () => console.log('listening', TRIAL_ADDRESS));
process.on('SIGTERM', () => { console.log('draining'); setTimeout(() => process.exit(0), 100); });
`;

const NETWORK = 100 + (process.pid % 50) * 2;

let folder: string;
let servers: Servers | undefined;
const events: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'servers-'));
  events.length = 0;
});
afterEach(async () => {
  await servers?.close();
  servers = undefined;
  rmSync(folder, { recursive: true });
});

async function start(fleet: FakeFleet, options: Partial<ServersOptions> = {}): Promise<Servers> {
  servers = await startServers({
    target: { endpoint: 'http://localhost:1', region: 'us-east-1', account: '123456789012' },
    folder,
    dns: '127.0.0.1:1',
    caFile: '/trial/ca.pem',
    network: NETWORK,
    pollMillis: 20,
    api: fleet,
    fetch: assetsWith(zipOf([{ name: 'site.js', content: SITE }])),
    onEvent: (sentence) => events.push(sentence),
    ...options,
  });
  return servers;
}

const until = async (condition: () => boolean | Promise<boolean>) => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
};
const ask = async (url: string, path = '/') =>
  fetch(url + path).then(
    (answer) => answer.json() as Promise<{ id: string; zone: string; env: Record<string, string> }>,
  );
const serves = (url: string) =>
  ask(url).then(
    () => true,
    () => false,
  );
const running = () => servers!.servers().filter(({ phase }) => phase === 'running');
const ids = () => running().map(({ id }) => id);
const log = (id: string) => readFileSync(join(folder, 'servers', `${id}.log`), 'utf8');

test('each instance is a process at an address of its own, with the environment of its launch template', async () => {
  await start(new FakeFleet({}, 2));
  expect(ids()).toEqual(['i-1', 'i-2']);
  const [one, two] = running();
  expect(one).toMatchObject({
    address: `127.${NETWORK}.1.4`,
    url: `http://127.${NETWORK}.1.4:8080`,
    zone: 'us-east-1a',
  });
  expect(two!.address).toBe(`127.${NETWORK}.1.5`);
  await until(() => serves(one!.url!));
  const { id, zone, env } = await ask(one!.url!);
  expect([id, zone]).toEqual(['i-1', 'us-east-1a']);
  expect(env).toMatchObject({ SITE_NAME: 'mysite', PORT: '8080', AWS_ENDPOINT_URL: 'http://localhost:1' });
  expect(servers!.addressOf('i-2')).toBe(two!.address);
  expect(servers!.addressOf('10.0.1.5')).toBe(two!.address);
  expect(servers!.addressOf('10.9.9.9')).toBeUndefined();
  expect(servers!.securityGroupsOf(one!.address)).toEqual(['sg-web']);
});

test('a dead process is a dead instance: its group replaces it', async () => {
  const fleet = new FakeFleet({}, 2);
  await start(fleet);
  servers!.signal('i-1', 'SIGKILL');
  await until(() => ids().includes('i-3'));
  expect(fleet.replaced).toEqual(['i-1']);
  expect(ids()).toEqual(['i-2', 'i-3']);
  expect(events).toEqual(
    expect.arrayContaining([
      'server i-1 is dead: SIGKILL',
      'server i-1 is replaced',
      'server i-3 runs in us-east-1a',
    ]),
  );
  expect(() => servers!.signal('i-1', 'SIGKILL')).toThrow('there is no server i-1');
});

test('a server that leaves its group drains first at the load balancer, then by itself', async () => {
  const fleet = new FakeFleet({}, 2);
  let release = () => {};
  const deregistered = (id: string) =>
    new Promise<void>((resolve) => (release = () => (events.push(`deregistered ${id}`), resolve())));
  await start(fleet, { deregistered });
  const url = running()[1]!.url!;
  await until(() => serves(url));
  fleet.resize(1);
  await until(() => servers!.servers().some(({ phase }) => phase === 'leaving'));
  expect(await serves(url)).toBe(true);

  // Its private address is given to a new instance already, which has to listen somewhere else.
  fleet.resize(2);
  await until(() => ids().includes('i-3'));
  expect(running()[1]!.address).toBe(`127.${NETWORK + 1}.1.5`);

  release();
  await until(() => servers!.servers().length === 2);
  expect(log('i-2')).toMatch(/draining\n$/);
  expect(ids()).toEqual(['i-1', 'i-3']);
});

test.each(['GREETING=hello node site.js', 'cd . && exec node site.js'])(
  'a start command is a line of the shell: %s',
  async (startCommand) => {
    await start(new FakeFleet({ startCommand }, 1));
    const url = running()[0]!.url!;
    await until(() => serves(url));
    await servers!.close();
    expect(log('i-1')).toMatch(/draining\n$/);
  },
);

test('servers that cannot start are replaced ever more slowly, and say why', async () => {
  const fleet = new FakeFleet({ startCommand: 'no-such-program' }, 1);
  await start(fleet);
  await until(() => fleet.replaced.length === 2);
  const [dead] = servers!.servers();
  expect(events).toContain('server i-1 is dead: exit code 127');
  await until(() => servers!.servers()[0]?.phase === 'dead' && servers!.servers()[0]?.id === 'i-3');
  expect(dead!.reason ?? 'exit code 127').toBe('exit code 127');
  fleet.boot = {};
  await until(() => ids().length === 1);
});

test.each<[string, Partial<ServersOptions>, RegExp]>([
  ['an artifact that is not there', { fetch: () => Promise.reject(new Error('NoSuchKey')) }, /NoSuchKey/],
  ['an artifact that is none', { fetch: assetsWith(Buffer.from('x')) }, /zip|central/i],
  [
    'another boot script than was deployed',
    { fetch: async () => Buffer.from('x') },
    /assets\/boot\.sh is not the boot script/,
  ],
])('%s makes a dead server', async (_, options, reason) => {
  await start(new FakeFleet({}, 1), options);
  expect(servers!.servers()[0]!.reason ?? events.join()).toMatch(reason);
});

test('one that fails the health checks of the load balancer stays while it is young', async () => {
  const fleet = new FakeFleet({}, 2);
  fleet.replaceUnhealthyAfterSeconds = 300; // none at this time scale, but for the least
  await start(fleet, { unhealthy: () => ['i-2'], timeScale: 0, leastGraceMillis: 3_600_000 });
  await servers!.refresh();
  expect(fleet.replaced).toEqual([]);
});

test('and is replaced when it is old enough and its group wants it so', async () => {
  const fleet = new FakeFleet({}, 2);
  await start(fleet, { unhealthy: () => ['i-2'], timeScale: 0, leastGraceMillis: 0 });
  await servers!.refresh();
  expect(fleet.replaced).toEqual([]);
  fleet.replaceUnhealthyAfterSeconds = 300;
  await until(() => ids().includes('i-3'));
  expect(fleet.replaced).toEqual(['i-2']);
});

test('without an answer from AWS the servers stay', async () => {
  const fleet = new FakeFleet({}, 1);
  await start(fleet);
  fleet.broken = true;
  await until(() => events.some((event) => event === 'the servers cannot be looked after: away'));
  expect(ids()).toEqual(['i-1']);
  fleet.broken = false;
  servers!.signal('i-1', 'SIGKILL');
  await until(() => ids().includes('i-2'));
});

test('the stage single-server: its database is asked for, and given to the site', async () => {
  const asked: string[] = [];
  const fleet = new FakeFleet(
    {
      environment: { DATABASE_WRITER_HOST: '/run/postgresql', DATABASE_NAME: 'notes' },
      loneServer: {
        allocationId: 'eipalloc-1',
        volumeId: 'vol-1',
        proxy: {},
        cache: false,
        metrics: 'ScaleFromZero/Site',
        database: { kind: 'local', databaseName: 'notes' },
      },
    },
    1,
  );
  await start(fleet, {
    localDatabase: async (name) => (asked.push(name), { host: '127.0.0.1', port: 5999, user: 'site' }),
    environment: { LOG_LEVEL: 'debug' },
  });
  const { url, address } = running()[0]!;
  await until(() => serves(url!));
  expect(servers!.addressOf('203.0.113.7')).toBe(address);
  expect((await ask(url!)).env).toMatchObject({
    DATABASE_WRITER_HOST: '127.0.0.1',
    DATABASE_PORT: '5999',
    LOG_LEVEL: 'debug',
  });
  expect(asked).toEqual(['notes']);
});

test('more requests, more servers; fewer, and they go', async () => {
  const fleet = new FakeFleet({}, 1, 1, 3);
  fleet.tracking = [{ group: 'web', target: 600, scaleIn: true }];
  let rate = 30; // requests a second: 1,800 a minute need three servers
  let requests = 0;
  const timer = setInterval(() => (requests += rate / 20), 50);
  // Periods are one second at least: three of them scale out; fifteen to scale in are the long test's.
  await start(fleet, { timeScale: 0, traffic: () => ({ requests, targets: fleet.instances.length }) });
  await until(() => fleet.desired === 3);
  expect(servers!.scaling()[0]).toMatchObject({ group: 'web', min: 1, max: 3, target: 600 });
  expect(events.some((event) => /^web is scaled from \d to 3 servers$/.test(event))).toBe(true);
  await until(() => ids().length === 3);
  rate = 0;
  clearInterval(timer);
});

test('closing ends every process', async () => {
  await start(new FakeFleet({}, 2));
  const pids = running().map(({ pid }) => pid!);
  await servers!.close();
  servers = undefined;
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('a machine without such addresses is told what to do', async () => {
  await expect(start(new FakeFleet({}, 0), { network: 999 })).rejects.toThrow(
    'This machine has no address 127.999.0.1, and the servers need one each: on macOS add those of 127.999.x.y',
  );
});
