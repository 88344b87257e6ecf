import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, type Server, createServer } from 'node:net';
import { promisify } from 'node:util';
import { type Dns, startDns } from '../../../trial/dns/start';
import { machineEnvironment, machineVariables } from '../../../trial/machine/environment';

const TARGET = { endpoint: 'http://localhost:4566', region: 'eu-central-1', account: '123456789012' };

/** Not another test's: its third part is this process's own. */
const ADDRESS = `127.76.${process.pid % 250}.5`;

let dns: Dns;
let server: Server;
const sources: string[] = [];
const port = () => (server.address() as AddressInfo).port;

beforeAll(async () => {
  const record = { name: 'db.x.internal', type: 'CNAME', ttl: 5, values: ['a.rds.amazonaws.com'] };
  dns = await startDns({
    zones: async () => [{ name: 'x.internal', isPrivate: true, records: [record] }],
    names: () => new Map([['a.rds.amazonaws.com', { address: '127.0.0.1' }]]),
    outside: async () => [],
  });
  server = createServer((socket) => {
    sources.push(socket.remoteAddress!);
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  await dns.close();
  server.close();
});
beforeEach(() => void sources.splice(0));

/** Runs a program as a machine of the trial; what it prints is JSON. */
async function onMachine(program: string, args: string[] = [], env = {}): Promise<unknown> {
  const machine = { address: ADDRESS, dns: dns.server };
  const { stdout } = await promisify(execFile)(process.execPath, [...args, '-e', program], {
    env: { ...machineEnvironment(machine, TARGET, { PATH: process.env['PATH'], SECRET: 'x' }), ...env },
    timeout: 20_000,
  });
  return JSON.parse(stdout);
}

const PRINT = 'const print = (value) => console.log(JSON.stringify(value));';
const ASYNC = (body: string) => `${PRINT} (async () => { print(await (async () => { ${body} })()); })()`;

describe('names', () => {
  test.each([
    [
      'dns.lookup',
      `new Promise((done) => require('dns').lookup(NAME, (_, ...found) => done(found)))`,
      ['127.0.0.1', 4],
    ],
    [
      'dns.lookup of all',
      `new Promise((done) => require('dns').lookup(NAME, { all: true }, (_, found) => done(found)))`,
      [{ address: '127.0.0.1', family: 4 }],
    ],
    [
      'dns.lookup with a family',
      `new Promise((done) => require('dns').lookup(NAME, 4, (_, ...found) => done(found)))`,
      ['127.0.0.1', 4],
    ],
    [
      'promisified',
      `require('util').promisify(require('dns').lookup)(NAME)`,
      { address: '127.0.0.1', family: 4 },
    ],
    ['dns.promises.lookup', `require('dns/promises').lookup(NAME)`, { address: '127.0.0.1', family: 4 }],
    [
      'dns.resolve4',
      `new Promise((done) => require('dns').resolve4(NAME, (_, found) => done(found)))`,
      ['127.0.0.1'],
    ],
    ['dns.promises.resolveCname', `require('dns').promises.resolveCname(NAME)`, ['a.rds.amazonaws.com']],
    [
      'a Resolver',
      `new (require('node:dns/promises').Resolver)({ timeout: 1000 }).resolveCname(NAME)`,
      ['a.rds.amazonaws.com'],
    ],
    [
      'a Resolver with callbacks',
      `new Promise((done) => new (require('dns').Resolver)().resolve4(NAME, (_, found) => done(found)))`,
      ['127.0.0.1'],
    ],
  ])('are resolved by the trial: %s', async (_, expression, expected) => {
    const found = await onMachine(ASYNC(`return ${expression.replace('NAME', "'db.x.internal'")}`));
    expect(found).toEqual(expected);
  });

  test('are resolved by the trial in ES modules that import functions by name', async () => {
    const program = `import { lookup } from 'node:dns/promises'; import { Resolver } from 'node:dns/promises';
      ${PRINT} print([await lookup('db.x.internal'), await new Resolver().resolveCname('db.x.internal')]);`;
    expect(await onMachine(program, ['--input-type=module'])).toEqual([
      { address: '127.0.0.1', family: 4 },
      ['a.rds.amazonaws.com'],
    ]);
  });

  test('that do not exist are refused as the operating system does', async () => {
    const lookup = (name: string, family: number) =>
      `await require('dns/promises').lookup('${name}', ${family}).catch(({ message, ...error }) => ({ message, ...error }))`;
    const [gone, noIpv6] = (await onMachine(
      ASYNC(`return [${lookup('gone.x.internal', 0)}, ${lookup('db.x.internal', 6)}]`),
    )) as object[];
    const error = { code: 'ENOTFOUND', errno: -3008, syscall: 'getaddrinfo' };
    expect(gone).toEqual({
      ...error,
      message: 'getaddrinfo ENOTFOUND gone.x.internal',
      hostname: 'gone.x.internal',
    });
    expect(noIpv6).toMatchObject(error);
  });

  test('cannot be resolved without the trial’s server, and nobody else is asked', async () => {
    const other = await startDns({ zones: async () => [] });
    await other.close();
    const program = ASYNC(
      `return require('dns/promises').lookup('localhost.example.org').catch(({ code }) => code)`,
    );
    expect(await onMachine(program, [], { TRIAL_DNS: other.server })).toBe('EAI_AGAIN');
  });

  test('addresses and localhost need no server', async () => {
    const program = ASYNC(`const { lookup } = require('dns/promises');
      return [await lookup('192.0.2.1'), (await lookup('localhost', { family: 4 })).address,
        (await lookup('a-bucket.localhost', { family: 4 })).address]`);
    expect(await onMachine(program, [], { TRIAL_DNS: '127.0.0.1:1' })).toEqual([
      { address: '192.0.2.1', family: 4 },
      '127.0.0.1',
      // As S3's clients call a bucket at the emulator.
      '127.0.0.1',
    ]);
  });
});

describe('connections come from the machine’s address', () => {
  const connect = (options: string) => `const socket = require('net').connect(${options});
    await new Promise((done, fail) => socket.on('connect', done).on('error', fail)); socket.destroy(); return 0`;
  test.each([
    ['by address', () => connect(`{ port: ${port()}, host: '127.0.0.1' }`)],
    ['by port alone', () => connect(String(port()))],
    ['by localhost', () => connect(`{ port: ${port()}, host: 'localhost' }`)],
    ['by a name of the trial', () => connect(`{ port: ${port()}, host: 'db.x.internal' }`)],
    [
      'on a socket that connects late, as pg does',
      () => `const socket = new (require('net').Socket)();
      socket.connect(${port()}, 'db.x.internal'); await new Promise((done) => socket.on('connect', done));
      socket.destroy(); return 0`,
    ],
    ['with fetch', () => `return (await fetch('http://db.x.internal:${port()}')).text()`],
    [
      'with http',
      () => `return new Promise((done) => require('http').get('http://localhost:${port()}',
      (answer) => answer.resume().on('end', () => done(answer.statusCode))))`,
    ],
  ])('%s', async (_, program) => {
    await onMachine(ASYNC(program()));
    expect(sources).toEqual([ADDRESS]);
  });

  test('unless a program has bound its socket itself', async () => {
    await onMachine(ASYNC(connect(`{ port: ${port()}, host: '127.0.0.1', localAddress: '127.0.0.9' }`)));
    expect(sources).toEqual(['127.0.0.9']);
  });
});

describe('a server', () => {
  const listen = (
    where: string,
  ) => `const server = require('http').createServer((_, answer) => answer.end('ok'));
    await new Promise((done) => server.listen(${where}, done));
    const { address, port } = server.address();
    const answers = await fetch('http://' + address + ':' + port).then((answer) => answer.text());
    server.close(); server.closeAllConnections(); return [address, answers]`;

  test.each(['0', `0, '0.0.0.0'`, `0, '::'`, `{ port: 0, host: '0.0.0.0' }`, `{ port: 0, exclusive: true }`])(
    'that listens on all addresses, listens on the machine’s: listen(%s)',
    async (where) => expect(await onMachine(ASYNC(listen(where)))).toEqual([ADDRESS, 'ok']),
  );

  test('that listens on one address keeps it', async () => {
    expect(await onMachine(ASYNC(listen(`0, '127.0.0.1'`)))).toEqual(['127.0.0.1', 'ok']);
  });

  test('has its port, whatever other machines do', async () => {
    const other = machineVariables({ address: ADDRESS.replace(/5$/, '6'), dns: dns.server });
    const program = ASYNC(`const { fork } = require('child_process');
      const server = require('net').createServer();
      await new Promise((done) => server.listen(0, done));
      const { port } = server.address();
      const run = "require('net').createServer().listen(" + port + ", function () { console.log(this.address().address); process.exit(); })";
      const { stdout } = require('child_process').spawnSync(process.execPath, ['-e', run], { env: ${JSON.stringify(other)} });
      server.close(); return String(stdout).trim()`);
    expect(await onMachine(program)).toBe(other['TRIAL_ADDRESS']);
  });
});

test('a machine has the emulated AWS, and nothing of the caller’s but what any program needs', async () => {
  const seen = (await onMachine(`${PRINT} print(process.env)`)) as Record<string, string>;
  expect(seen).toMatchObject({ AWS_ENDPOINT_URL: TARGET.endpoint, AWS_REGION: 'eu-central-1' });
  expect(seen).not.toHaveProperty('SECRET');
});
