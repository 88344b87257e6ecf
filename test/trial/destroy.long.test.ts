import { App } from 'aws-cdk-lib';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { blueprint } from '../../lib/blueprint';
import { readSettings } from '../../lib/settings/read';
import { readAssembly } from '../../trial/assembly';
import { Processes } from '../../trial/processes';
import { Steps } from '../../trial/steps';
import { Trial } from '../../trial/trial';
import { ControllerFinder } from '../../trial/world/controller';
import { Stack } from './emulator/stack';

/** What `cdk destroy` does to a site whose controller is at work. The deletion waits until its run has ended. */

jest.setTimeout(300_000);
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const ROOT = resolve(__dirname, '../..');
const NETWORK = 145;

const folder = mkdtempSync(join(tmpdir(), 'scale-from-zero-destroy-'));
const processes = new Processes();
const steps = new Steps({ write: () => true, isTTY: false }, false);
const trial = new Trial({ processes, steps, folder, network: NETWORK });
const stackOf = (name: string) => new Stack(trial.world!.target!, `mysite-${name}`);

beforeAll(async () => {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: object };
  const given = { ...context, env: 'trial' };
  const outdir = join(folder, 'assembly');
  const app = new App({ context: given, outdir, analyticsReporting: false });
  blueprint(app, readSettings(given, ROOT), ROOT);
  app.synth();
  await trial.deploy(readAssembly(outdir));
});

afterAll(async () => {
  await trial.close();
  await processes.endAll();
  rmSync(folder, { recursive: true, force: true });
});

const databases = async () =>
  (await trial.world!.rds.model.call('DescribeDBInstances', {})).DBInstances!.map(
    ({ DBInstanceIdentifier }) => DBInstanceIdentifier!,
  );

test('a site goes with the records that the controller has changed; a last snapshot stays', async () => {
  const world = trial.world!;
  const finder = new ControllerFinder(world.target!, world.group);
  const until = async (state: string) => {
    while ((await finder.look())?.memory?.state?.name !== state) await sleep(100);
  };
  await until('healthy');
  // It leaves the readers: a record of the stack is not there, and must be when CloudFormation deletes it.
  const [replica] = (await databases()).filter((name) => name.endsWith('-replica-1'));
  world.rds.model.holdDown(replica!);
  const { DBInstances } = await world.rds.model.call('DescribeDBInstances', {
    DBInstanceIdentifier: replica,
  });
  await world.plane.kill(DBInstances![0]!.DbiResourceId!);
  await until('replica-unfit');

  for (const name of ['operations', 'web', 'data']) {
    const { status, failures } = await stackOf(name).delete();
    expect({ status, failures }).toEqual({ status: 'DELETE_COMPLETE', failures: {} });
  }
  expect(await databases()).toEqual([]);
  const { DBSnapshots } = await world.rds.model.call('DescribeDBSnapshots', { SnapshotType: 'manual' });
  expect(DBSnapshots).toMatchObject([{ DBInstanceIdentifier: 'mysite-primary', Status: 'available' }]);
});
