/** What only some drills ask of the trial's AWS: its databases as RDS tells them, a deployment, the stack policy. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, GetStackPolicyCommand } from '@aws-sdk/client-cloudformation';
import {
  type DBInstance,
  RDSClient,
  paginateDescribeDBInstances,
  paginateDescribeDBSnapshots,
} from '@aws-sdk/client-rds';
import { type Assembly, readAssembly } from '../assembly';
import { Cdk } from '../cdk';
import type { Running } from '../control/contract';
import { Processes } from '../processes';
import { type Target, clientConfig } from '../target';
import { collect } from '../walk/collect';

export async function instancesOf(target: Target): Promise<readonly DBInstance[]> {
  const client = new RDSClient(clientConfig(target));
  try {
    return await collect(paginateDescribeDBInstances({ client }, {}), (page) => page.DBInstances);
  } finally {
    client.destroy();
  }
}

/** Names of the snapshots that somebody asked for, of an instance that may be gone. @param resourceId `db-ABC…` */
export async function snapshotsOf(target: Target, resourceId: string): Promise<readonly string[]> {
  const client = new RDSClient(clientConfig(target));
  try {
    const asked = { DbiResourceId: resourceId, SnapshotType: 'manual' };
    const all = await collect(paginateDescribeDBSnapshots({ client }, asked), (page) => page.DBSnapshots);
    return all.map(({ DBSnapshotIdentifier = '' }) => DBSnapshotIdentifier);
  } finally {
    client.destroy();
  }
}

/** What the trial that runs has deployed. @param folder the trial's, with `running.json` */
export const deployedAssembly = (folder: string, { pid }: Running): Assembly =>
  readAssembly(join(folder, `run-${pid}`, 'cdk.out'));

/** The real `cdk deploy`, again. @returns names of the stacks in which something changed. @throws TrialFailure */
export async function deployAgain(target: Target, assembly: Assembly): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'drill-cdk-'));
  const processes = new Processes();
  try {
    const unchanged = await new Cdk({ processes, folder }).deploy(target, assembly);
    return assembly.stacks.map(({ name }) => name).filter((name) => !unchanged.includes(name));
  } finally {
    await processes.endAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Statement {
  readonly Effect: string;
}

/** Whether a stack's policy denies any update. */
export async function deniesUpdates(target: Target, stack: string): Promise<boolean> {
  const client = new CloudFormationClient(clientConfig(target));
  try {
    const { StackPolicyBody } = await client.send(new GetStackPolicyCommand({ StackName: stack }));
    const { Statement = [] } = JSON.parse(StackPolicyBody ?? '{}') as { Statement?: readonly Statement[] };
    return Statement.some(({ Effect }) => Effect === 'Deny');
  } finally {
    client.destroy();
  }
}
