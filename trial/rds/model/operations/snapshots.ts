import type {
  CreateDBSnapshotMessage,
  CreateDBSnapshotResult,
  DeleteDBSnapshotMessage,
  DeleteDBSnapshotResult,
  DescribeDBSnapshotsMessage,
  DBSnapshotMessage,
  Tag,
} from '@aws-sdk/client-rds';
import { mustTake } from '../admission';
import * as check from '../checks';
import type { Core } from '../core';
import {
  invalidParameterValue,
  invalidSnapshotState,
  snapshotExists,
  snapshotNotFound,
  snapshotQuotaExceeded,
} from '../errors';
import { filtered, withIdentifier } from '../filters';
import { page } from '../paging';
import type { Instance, Snapshot } from '../state';
import { withTags } from '../tags';
import { snapshotView } from '../views';

export async function createDBSnapshot(
  core: Core,
  request: CreateDBSnapshotMessage,
): Promise<CreateDBSnapshotResult> {
  const instance = core.find(check.given(request.DBInstanceIdentifier, 'DBInstanceIdentifier'));
  const name = check.given(request.DBSnapshotIdentifier, 'DBSnapshotIdentifier');
  freeSnapshotIdentifier(core, name);
  mustTake(core, instance, 'snapshot');
  const copied = instance.attributes.CopyTagsToSnapshot ? instance.tags : [];
  // What is copied has been admitted before, with the tags that only AWS gives.
  const tags = request.Tags ? withTags([], request.Tags) : copied;
  return { DBSnapshot: snapshotView(core, newSnapshot(core, instance, name, tags)) };
}

/** Records a manual snapshot and has it taken. */
export function newSnapshot(core: Core, instance: Instance, name: string, tags: readonly Tag[]): Snapshot {
  const identifier = freeSnapshotIdentifier(core, name);
  const snapshot = core.backups.add(instance, identifier, 'manual', [...tags]);
  core.enqueue(instance, { kind: 'snapshot', snapshotId: identifier });
  return snapshot;
}

export function freeSnapshotIdentifier(core: Core, name: string, parameter = 'DBSnapshotIdentifier'): string {
  const identifier = check.identifier(name, parameter);
  const { snapshots } = core.state;
  if (snapshots.some((snapshot) => snapshot.identifier === identifier)) throw snapshotExists(identifier);
  if (snapshots.filter(({ type }) => type === 'manual').length >= check.SNAPSHOT_QUOTA) {
    // radius-project/samples#842
    throw snapshotQuotaExceeded(`Cannot create more than ${check.SNAPSHOT_QUOTA} manual snapshots`);
  }
  return identifier;
}

function find(core: Core, name: string): Snapshot {
  const identifier = core.identifierIn(name, 'snapshot');
  const found = core.state.snapshots.find((snapshot) => snapshot.identifier === identifier);
  if (!found) throw snapshotNotFound(identifier);
  return found;
}

export async function deleteDBSnapshot(
  core: Core,
  request: DeleteDBSnapshotMessage,
): Promise<DeleteDBSnapshotResult> {
  const snapshot = find(core, check.given(request.DBSnapshotIdentifier, 'DBSnapshotIdentifier'));
  if (snapshot.type === 'automated') {
    throw invalidSnapshotState(`Only manual snapshots may be deleted: ${snapshot.identifier} is automated.`);
  }
  if (snapshot.status === 'creating') {
    throw invalidSnapshotState(
      `Cannot delete the snapshot because it is not currently in the available state.`,
    );
  }
  core.backups.remove((other) => other === snapshot);
  core.emitSnapshot('snapshotDeleted', snapshot.identifier);
  return { DBSnapshot: { ...snapshotView(core, snapshot), Status: 'deleted' } };
}

export async function describeDBSnapshots(
  core: Core,
  request: DescribeDBSnapshotsMessage,
): Promise<DBSnapshotMessage> {
  const type = request.SnapshotType;
  if (type !== undefined && !['automated', 'manual', 'shared', 'public', 'awsbackup'].includes(type)) {
    throw invalidParameterValue(`Invalid snapshot type: ${type}`);
  }
  const name = request.DBSnapshotIdentifier && core.identifierIn(request.DBSnapshotIdentifier, 'snapshot');
  const filters = {
    'db-instance-id': ({ instance }: Snapshot) => [instance.identifier, core.arn('db', instance.identifier)],
    'db-snapshot-id': ({ identifier }: Snapshot) => [identifier],
    'dbi-resource-id': ({ instance }: Snapshot) => [instance.resourceId],
    'snapshot-type': (snapshot: Snapshot) => [snapshot.type],
    engine: () => ['postgres'],
  };
  const wanted = withIdentifier(
    withIdentifier(request.Filters, 'db-snapshot-id', name),
    'db-instance-id',
    request.DBInstanceIdentifier && core.identifierIn(request.DBInstanceIdentifier, 'db'),
  );
  const found = filtered(core.state.snapshots, wanted, filters).filter(
    (snapshot) =>
      (!request.DbiResourceId || snapshot.instance.resourceId === request.DbiResourceId) &&
      (!type || snapshot.type === type),
  );
  // Of an instance there may be none (moto, tests/test_rds/test_filters.py).
  if (name && !request.DBInstanceIdentifier && found.length === 0) throw snapshotNotFound(name);
  const { items, marker } = page(found, ({ identifier }) => identifier, request);
  return { Marker: marker, DBSnapshots: items.map((snapshot) => snapshotView(core, snapshot)) };
}
