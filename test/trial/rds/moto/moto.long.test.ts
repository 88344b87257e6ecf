import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OPERATIONS } from '../../../../trial/rds/model/operations';
import { commandsOf } from '../../../aws/commands';
import { venvProgram } from '../../../support/venv';
import { serve } from '../served';
import { motoTests } from './source';
import { EXPLAINED } from './table';

jest.setTimeout(600_000);
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

interface Outcome {
  readonly case: string;
  readonly outcome: 'passed' | 'failed' | 'foreign';
  readonly why: string;
}

let outcomes: readonly Outcome[];

beforeAll(async () => {
  outcomes = await run();
});

/** Runs every case against an RDS of its own. */
async function run(): Promise<Outcome[]> {
  let rds: Awaited<ReturnType<typeof serve>> | undefined;
  const control = createServer(async ({ url }, response) => {
    await rds?.close();
    rds = await serve({ region: url!.slice(1) });
    response.end(JSON.stringify({ url: rds.url, operations: Object.keys(OPERATIONS) }));
  }).listen(0, '127.0.0.1');
  await once(control, 'listening');
  const url = `http://127.0.0.1:${(control.address() as AddressInfo).port}`;
  const program = [join(__dirname, 'run.py'), motoTests(), url];
  try {
    const limits = { timeout: 540_000, maxBuffer: 10_000_000 };
    const { stdout } = await promisify(execFile)(venvProgram('python'), program, limits);
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Outcome);
  } finally {
    control.close();
    await rds?.close();
  }
}

const having = (outcome: Outcome['outcome']) => outcomes.filter((one) => one.outcome === outcome);

test('of the cases that ask for what this RDS has, two thirds pass, and each other one is explained', () => {
  const explained = Object.assign({}, ...EXPLAINED.map(({ cases }) => cases)) as Record<string, string>;
  const told = (name: string, why: string) =>
    explained[name] !== undefined && why.includes(explained[name]) ? explained[name] : why;
  const failed = having('failed').map(({ case: name, why }) => [name, told(name, why)]);
  expect(Object.fromEntries(failed)).toEqual(explained);
  expect(having('passed').length).toBeGreaterThanOrEqual(90);
});

test('the others ask for operations, services and engines that it does not have', () => {
  expect([...new Set(having('foreign').map(({ why }) => why))].toSorted()).toMatchInlineSnapshot(`
    [
      "AddRoleToDBInstance",
      "CopyDBParameterGroup",
      "CopyDBSnapshot",
      "CreateDBCluster",
      "CreateDBClusterSnapshot",
      "CreateDBSecurityGroup",
      "CreateEventSubscription",
      "CreateOptionGroup",
      "DeleteDBSecurityGroup",
      "DeleteOptionGroup",
      "DescribeDBInstanceAutomatedBackups",
      "DescribeDBLogFiles",
      "DescribeDBSecurityGroups",
      "DescribeDBSnapshotAttributes",
      "DescribeDBSubnetGroups",
      "DescribeOptionGroupOptions",
      "DescribeOptionGroups",
      "ModifyDBSnapshotAttribute",
      "ModifyOptionGroup",
      "RestoreDBInstanceFromDBSnapshot",
      "another region",
      "moto's own code",
      "moto's own settings",
      "the engine sqlserver-ee",
      "the service ec2",
      "the service kms",
    ]
  `);
  expect(outcomes).toHaveLength(242);
});

test('and only one of those operations is ours: subnet groups, which the emulator has', () => {
  const ours = new Set(commandsOf(['app', 'bin', 'lambda', 'trial']).map(({ operation }) => operation));
  expect(ours).toContain('ModifyDBInstance');
  const foreign = new Set(having('foreign').map(({ why }) => why));
  expect([...ours].filter((operation) => foreign.has(operation))).toEqual(['DescribeDBSubnetGroups']);
});
