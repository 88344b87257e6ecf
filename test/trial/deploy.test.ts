import { DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { App } from 'aws-cdk-lib';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { blueprint } from '../../lib/blueprint';
import { readSettings } from '../../lib/settings/read';
import { STAGES, type Stage } from '../../lib/stage';
import { type Assembly, readAssembly } from '../../trial/assembly';
import { Processes } from '../../trial/processes';
import { Steps } from '../../trial/steps';
import { type Target, clientConfig } from '../../trial/target';
import { type Outcome, Trial, walk } from '../../trial/trial';
import { observeZones } from '../../trial/walk/observe-names';
import { complaints } from '../../trial/walk/print';

const ROOT = resolve(__dirname, '../..');

/** Generous: time is no verdict here. */
jest.setTimeout(300_000);

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

/** Other tests, and a trial that runs, have other addresses. */
const NETWORK = 104;
const STARTED_NETWORK = 108;

const folder = mkdtempSync(join(tmpdir(), 'trial-'));
const processes = new Processes();

afterAll(async () => {
  await processes.endAll();
  rmSync(folder, { recursive: true, force: true });
});

/** What `cdk synth` writes, by the same app in this process: the CLI is in the tests of npm start below. */
function synthesize(stage: Stage): Assembly {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  const outdir = join(folder, stage);
  // The emulator issues certificates at once, so this deploys what the trial's own settings leave out.
  const given = { ...context, env: 'trial', stage, 'site.https': 'true' };
  const app = new App({ context: given, outdir, analyticsReporting: false });
  blueprint(app, readSettings(given, ROOT), ROOT);
  app.synth();
  return readAssembly(outdir);
}

describe('growing in one embedded AWS, by repeated deployment', () => {
  const steps = new Steps({ write: () => true, isTTY: false }, false);
  const trial = new Trial({ processes, steps, folder, network: NETWORK });
  afterAll(() => trial.close());
  const unknown: string[] = [];
  const kept: Record<string, string>[] = [];
  let outcome: Outcome;

  test.each(STAGES)('%s is deployed, and every link of a request is right', async (stage) => {
    outcome = await trial.deploy(synthesize(stage));
    expect(complaints(outcome.links)).toEqual([]);
    expect(outcome.links.map(({ name }) => name)).toMatchSnapshot();
    unknown.push(...outcome.undeployed.map(({ type }) => type));
    kept.push(await identities(outcome.target));
  });

  test('nothing that holds data was made anew on the way', () => {
    for (const [index, before] of kept.slice(0, -1).entries()) expect(kept[index + 1]).toMatchObject(before);
    expect(Object.keys(kept.at(-1)!)).toEqual(expect.arrayContaining(['zone', 'volume', 'mysite-primary']));
  });

  test('what has nothing behind it is known and named', () => {
    expect([...new Set(unknown)].toSorted()).toEqual(['AWS::CloudWatch::Alarm', 'AWS::DLM::LifecyclePolicy']);
  });

  test('a second deployment changes nothing', async () => {
    const again = await trial.deploy(outcome.assembly);
    expect(again.unchanged.toSorted()).toEqual(outcome.assembly.stacks.map(({ name }) => name).toSorted());
  });

  test('a writer name that leads to a replica fails the walk', async () => {
    const { target, assembly } = outcome;
    const { controllerPath } = trial.world!;
    // The failover controller would put it right, and sooner or later does.
    controllerPath.set('drop');
    await pointWriterAt('mysite-replica-1.elsewhere.example', outcome);
    expect(complaints(await walk(target, assembly)).join()).toContain('Wrong link "writer name"');
    controllerPath.set('pass');
    while (complaints(await walk(target, assembly)).length > 0) await sleep(100);
  });
});

/** Who everything is that holds data, by the ids that AWS never gives twice. */
async function identities(target: Target): Promise<Record<string, string>> {
  const ec2 = new EC2Client(clientConfig(target));
  const { Volumes } = await ec2.send(new DescribeVolumesCommand({}));
  const { DBInstances } = await new RDSClient(clientConfig(target)).send(new DescribeDBInstancesCommand({}));
  const zones = await observeZones(target);
  return {
    zone: zones.find(({ isPrivate }) => !isPrivate)!.id,
    volume: Volumes!.find(({ Tags }) => Tags?.some(({ Value }) => Value === 'mysite-server-data'))!.VolumeId!,
    ...Object.fromEntries(DBInstances!.map((one) => [one.DBInstanceIdentifier!, one.DbiResourceId!])),
  };
}

async function pointWriterAt(host: string, { target }: Outcome): Promise<void> {
  const client = new Route53Client(clientConfig(target));
  const zone = (await observeZones(target)).find(({ isPrivate }) => isPrivate)!;
  const change = {
    Action: 'UPSERT' as const,
    ResourceRecordSet: {
      Name: `writer.${zone.name}.`,
      Type: 'CNAME' as const,
      TTL: 5,
      ResourceRecords: [{ Value: host }],
    },
  };
  await client.send(
    new ChangeResourceRecordSetsCommand({ HostedZoneId: zone.id, ChangeBatch: { Changes: [change] } }),
  );
}

describe('npm start', () => {
  /** As npm runs it, apart from the set-up, and with a home of its own. */
  function start(...args: string[]): ChildProcess {
    const { PATH } = process.env;
    const program = [join(ROOT, 'node_modules/ts-node/dist/bin.js'), 'trial/main.ts', ...args];
    program.push('--folder', join(folder, 'started'), '--network', String(STARTED_NETWORK));
    return spawn(process.execPath, program, { cwd: ROOT, env: { PATH, HOME: folder, TMPDIR: folder } });
  }

  const said = (child: ChildProcess) => {
    let text = '';
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (data) => (text += data));
    return async (what: RegExp): Promise<RegExpMatchArray> => {
      for (; ; await sleep(20)) {
        const found = text.match(what);
        if (found) return found;
        if (child.exitCode !== null) throw new Error(`it ended without saying ${what}:\n${text}`);
      }
    };
  };

  const answers = (port: number) =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => (socket.destroy(), resolve(true)));
      socket.once('error', () => resolve(false));
    });

  const freePort = async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    return port;
  };

  const silence = async (port: number) => {
    while (await answers(port)) await sleep(20);
  };

  test('shows the table and stays until Ctrl-C, which ends all it started', async () => {
    const child = start('--stage', 'single-server');
    const until = said(child);
    const [, port] = await until(/Deployed to http:\/\/localhost:(\d+) in/);
    await until(/To end: Ctrl-C/);
    expect(await answers(Number(port))).toBe(true);
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    expect(code).toBe(130);
    expect(await answers(Number(port))).toBe(false);
  });

  test('killed with -9, it leaves no emulator', async () => {
    const port = await freePort();
    const child = start('--port', String(port));
    await said(child)(/✓ start the small AWS/);
    expect(await answers(port)).toBe(true);
    child.kill('SIGKILL');
    await silence(port); // jest's own limit ends a test that would wait for ever
  });
});
