/** The ways out of a failed deployment that docs/first-deploy.md names, with its own commands: those of the CDK CLI, and the SDK's for the AWS CLI's. */
import { ContinueUpdateRollbackCommand } from '@aws-sdk/client-cloudformation';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import type { Assembly } from '../../trial/assembly';
import type { ResourceFault } from '../../trial/emulator/resource-faults';
import { clientConfig } from '../../trial/target';
import { observeZones } from '../../trial/walk/observe-names';
import { difference, inventory } from './deployments/inventory';
import { Site } from './deployments/site';

jest.setTimeout(1_800_000);
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const NETWORK = 210;
const PROTECTED = { 'database.deletionProtection': 'true' };
const [DATA, WEB, OPERATIONS] = ['data', 'web', 'operations'].map((part) => `mysite-${part}`) as [
  string,
  string,
  string,
];

let site: Site;
let network = NETWORK;
beforeEach(async () => {
  site = await Site.start(network);
  network += 4;
});
afterEach(() => site.close());

const faults = (...given: readonly ResourceFault[]) => site.resourceFaults.set(...given);

/** Everything up to a stack, which is left to the test. */
async function upTo(stack: string, assembly: Assembly): Promise<void> {
  await site.publish(assembly);
  for (const { name } of assembly.stacks.slice(
    0,
    assembly.stacks.findIndex((one) => one.name === stack),
  )) {
    await site.apply(assembly, name);
  }
}

/** A site that serves, with a note. */
async function serving(assembly: Assembly): Promise<void> {
  await site.applyAll(assembly);
  await site.notes();
  await site.write('before');
}

test('ROLLBACK_COMPLETE: the CDK deletes the empty stack by itself', async () => {
  const assembly = site.assembly('single-server');
  await upTo(WEB, assembly);
  faults({ type: 'AWS::EC2::LaunchTemplate', when: 'create', reason: 'no template' });
  await expect(site.deploy(assembly, WEB)).rejects.toThrow('no template');
  expect(await site.status(WEB)).toBe('ROLLBACK_COMPLETE');
  faults();
  await site.deploy(assembly, WEB);
  expect(await site.status(WEB)).toBe('CREATE_COMPLETE');
});

test('the stack that guards the others is protected before it is there: it is released by hand', async () => {
  const assembly = site.assembly('load-balanced', PROTECTED);
  await upTo(OPERATIONS, assembly);
  faults({ type: 'AWS::CloudWatch::Dashboard', when: 'create', reason: 'no dashboard' });
  await expect(site.deploy(assembly, OPERATIONS)).rejects.toThrow('no dashboard');
  faults();
  await expect(site.deploy(assembly, OPERATIONS)).rejects.toThrow('TerminationProtection is enabled');
  await site.unprotect(OPERATIONS);
  await site.deploy(assembly, OPERATIONS);
  expect(await site.status(OPERATIONS)).toBe('CREATE_COMPLETE');
});

test('ROLLBACK_FAILED: what the event names is mended, then the stack is deleted again', async () => {
  const assembly = site.assembly('load-balanced');
  await upTo(DATA, assembly);
  faults(
    { type: 'Custom::PrepareDatabase', when: 'create', reason: 'no roles' },
    { type: 'AWS::RDS::DBInstance', when: 'delete', reason: 'Cannot delete protected DB Instance' },
  );
  await expect(site.deploy(assembly, DATA)).rejects.toThrow('no roles');
  expect(await site.status(DATA)).toBe('ROLLBACK_FAILED');
  faults();
  await site.delete(DATA);
  expect(await site.status(DATA)).toMatch(/^(absent|DELETE_COMPLETE)$/);
  await site.deploy(assembly, DATA);
  expect(await site.status(DATA)).toBe('CREATE_COMPLETE');
});

describe('UPDATE_ROLLBACK_FAILED', () => {
  const stuck = async () => {
    await serving(site.assembly('load-balanced'));
    const to = site.assembly('load-balanced', { 'database.instanceType': 'db.t4g.large' });
    const type = 'AWS::RDS::DBInstance';
    faults(
      { type, when: 'update', late: true, reason: 'no such class' },
      { type, when: 'roll-back', reason: 'not back' },
    );
    await expect(site.deploy(to, DATA)).rejects.toThrow('no such class');
    expect(await site.status(DATA)).toBe('UPDATE_ROLLBACK_FAILED');
    return to;
  };

  test('cdk rollback, when the cause is mended; then the deployment goes through', async () => {
    const to = await stuck();
    faults();
    await site.rollBack(to, DATA);
    expect(await site.status(DATA)).toBe('UPDATE_ROLLBACK_COMPLETE');
    await site.deploy(to);
    expect(await site.notes()).toEqual(['before']);
  });

  test('cdk rollback --orphan, when it is not', async () => {
    const to = await stuck();
    const failures = await site.failures(DATA, 0);
    const [orphan] = Object.keys(failures).filter((id) => failures[id] === 'not back');
    await site.rollBack(to, DATA, '--orphan', orphan!);
    expect(await site.status(DATA)).toBe('UPDATE_ROLLBACK_COMPLETE');
    faults();
    await site.deploy(to);
    expect(await site.notes()).toEqual(['before']);
  });
});

test('the data has been moved to RDS, and the deployment fails after that: the group is skipped, then deployed again', async () => {
  await serving(site.assembly('single-server'));
  const to = site.assembly('split-database');
  await site.publish(to);
  for (const part of ['network', 'data']) await site.apply(to, `mysite-${part}`);
  const type = 'AWS::AutoScaling::AutoScalingGroup';
  faults(
    { type, when: 'update', late: true, seconds: 60, reason: 'Failed to receive 1 resource signal(s)' },
    { type, when: 'roll-back', reason: 'Failed to receive 1 resource signal(s)' },
  );
  await expect(site.deploy(to, WEB)).rejects.toThrow('resource signal');
  expect(await site.status(WEB)).toBe('UPDATE_ROLLBACK_FAILED');
  faults();
  const failures = await site.failures(WEB, 0);
  const group = Object.keys(failures).filter((id) => /LoneFleet/.test(id));
  expect(group).toHaveLength(1);
  await site.client.send(new ContinueUpdateRollbackCommand({ StackName: WEB, ResourcesToSkip: group }));
  expect(await site.settled(WEB)).toBe('UPDATE_ROLLBACK_COMPLETE');
  await site.deploy(to, WEB);
  // What boot-move.sh moves is not moved in the trial (docs/trial.md): it serves, and takes what is written.
  await site.notes();
  await site.write('after');
  expect(await site.notes()).toEqual(['after']);
});

test('the name has a record that somebody else has made: it is refused, and nothing is changed', async () => {
  const assembly = site.assembly('single-server');
  await upTo(WEB, assembly);
  const route53 = new Route53Client(clientConfig(site.target));
  const zone = (await observeZones(site.target)).find(({ isPrivate }) => !isPrivate)!;
  const change = (Action: 'CREATE' | 'DELETE') =>
    route53.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: zone.id,
        ChangeBatch: {
          Changes: [
            {
              Action,
              ResourceRecordSet: {
                Name: `api.${zone.name}.`,
                Type: 'A',
                TTL: 300,
                ResourceRecords: [{ Value: '192.0.2.1' }],
              },
            },
          ],
        },
      }),
    );
  await change('CREATE');
  const before = await inventory(site.target);
  await expect(site.deploy(assembly, WEB)).rejects.toThrow('already exists');
  expect(difference(before, await inventory(site.target))).toEqual({ left: [], gone: [] });
  await change('DELETE');
  await site.deploy(assembly, WEB);
});
