/** One look at everything: RDS, the records, and each server itself. */
import type { DBInstance } from '@aws-sdk/client-rds';
import { groupPattern } from './decide/view';
import type { Memory } from './memory';
import type { Blindness, Observation, Probe, SeenInstance, SeenNames } from './observation';
import type { Policy } from './policy';
import type { Keep, Ports } from './ports';
import { compareLsn, type Lsn } from './lsn';

/** Marks what this controller has made; a template's instances have CloudFormation's tags instead. */
export const OURS = { Key: 'scale-from-zero:made-by', Value: 'failover-controller' } as const;

/** CloudFormation tags whatever it makes, and nobody else may (user guide, "Resource tag"; tags that begin with `aws:`). */
const OF_STACK = 'aws:cloudformation:stack-id';

/** A look whose first part is older than this when its last comes is of two different times. */
const LOOK_WITHIN_MILLIS = 10_000;

/**
 * @param memory of the round before; absent in the very first
 * @param mayWrite false on hold: then no heartbeat is written
 * @param begun when it was known that there is no hold, and whose the lease is
 */
export async function observe(
  ports: Pick<Ports, 'clock' | 'rds' | 'names' | 'databases'>,
  policy: Policy,
  memory: Memory | undefined,
  mayWrite: boolean,
  begun = ports.clock.now(),
): Promise<Observation | Blindness> {
  const late = (): Blindness | undefined => {
    const at = ports.clock.now();
    const took = Math.round((at - begun) / 1000);
    return at - begun > LOOK_WITHIN_MILLIS
      ? { at, missing: [`the look took ${took} s: what was seen first may not be so any more`] }
      : undefined;
  };
  const [described, names] = await Promise.allSettled([
    describeGroup(ports, policy, followedBy(memory)),
    ports.names.read(),
  ]);
  if (described.status === 'rejected' || names.status === 'rejected') {
    const missing = [described, names].flatMap((one, index) =>
      one.status === 'rejected' ? [`${index === 0 ? 'RDS' : 'Route 53'}: ${messageOf(one.reason)}`] : [],
    );
    return { at: ports.clock.now(), missing };
  }
  // A run may stand still in the middle of a look: what it knew before, a hold or the lease, is not so any more.
  const tooLate = late();
  if (tooLate) return tooLate;
  const instances = await Promise.all(
    described.value.map(async (instance) => ({
      ...instance,
      probe: await probe(ports, instance, keepOf(instance, memory, mayWrite)),
    })),
  );
  return late() ?? { at: ports.clock.now(), instances, names: names.value satisfies SeenNames };
}

type Described = Omit<SeenInstance, 'probe'>;

/** Whose writes depend on it that they are not lost from sight, by resource id, whatever somebody has called them since. */
function followedBy(memory: Memory | undefined): ReadonlySet<string> {
  if (!memory) return new Set();
  const { primary, retired, failover } = memory;
  const { from, candidate, fence = {}, siblings = [] } = failover ?? {};
  const ids = [
    primary,
    ...retired.map(({ resourceId }) => resourceId),
    ...siblings,
    ...Object.keys(fence),
    ...[from, candidate].filter((id) => id !== undefined),
  ];
  return new Set(ids);
}

/**
 * The instances of the group, by their identifiers; every page of the account's.
 *
 * @param followed resource ids of those that belong to it under any name
 */
export async function describeGroup(
  { rds }: Pick<Ports, 'rds'>,
  { name }: Pick<Policy, 'name'>,
  followed: ReadonlySet<string> = new Set(),
): Promise<readonly Described[]> {
  const pattern = groupPattern(name);
  const all: DBInstance[] = [];
  let Marker: string | undefined;
  do {
    const page = await rds.call('DescribeDBInstances', Marker === undefined ? {} : { Marker });
    all.push(...(page.DBInstances ?? []));
    Marker = page.Marker;
  } while (Marker);
  return all
    .filter(
      ({ DBInstanceIdentifier, DbiResourceId }) =>
        pattern.test(DBInstanceIdentifier ?? '') || followed.has(DbiResourceId ?? ''),
    )
    .map(instanceOf)
    .sort((one, other) => (one.identifier < other.identifier ? -1 : 1));
}

function instanceOf(description: DBInstance): Described {
  const { Endpoint, VpcSecurityGroups = [], TagList = [] } = description;
  return {
    resourceId: description.DbiResourceId!,
    identifier: description.DBInstanceIdentifier!,
    status: description.DBInstanceStatus ?? 'unknown',
    ...(Endpoint?.Address && { endpoint: { host: Endpoint.Address, port: Endpoint.Port ?? 5432 } }),
    ...(description.ReadReplicaSourceDBInstanceIdentifier && {
      source: description.ReadReplicaSourceDBInstanceIdentifier,
    }),
    groups: VpcSecurityGroups.map(({ VpcSecurityGroupId, Status }) => ({
      id: VpcSecurityGroupId!,
      active: Status === 'active',
      ...(Status === 'removing' && { leaving: true }),
    })),
    multiAz: description.MultiAZ ?? false,
    backupDays: description.BackupRetentionPeriod ?? 0,
    deletionProtection: description.DeletionProtection ?? false,
    ...(description.PreferredMaintenanceWindow && {
      maintenanceWindow: description.PreferredMaintenanceWindow,
    }),
    ...(description.PreferredBackupWindow && { backupWindow: description.PreferredBackupWindow }),
    ...(TagList.some(({ Key }) => Key === OF_STACK) && { isOfStack: true }),
    isOurs: TagList.some(({ Key, Value }) => Key === OURS.Key && Value === OURS.Value),
    description,
  };
}

async function probe(
  { databases }: Pick<Ports, 'databases'>,
  { endpoint, status }: Described,
  keep: Keep | undefined,
): Promise<Probe> {
  return endpoint
    ? databases.probe(endpoint, keep)
    : { reached: false, why: 'unnamed', message: `it is ${status}, and has no address` };
}

/** The heartbeat is the primary's, and is not written while it may be replaced. */
function keepOf({ resourceId }: Described, memory: Memory | undefined, mayWrite: boolean): Keep | undefined {
  if (!memory || !mayWrite || memory.closed || resourceId !== memory.primary) return undefined;
  if (memory.phase !== 'steady' && memory.phase !== 'healing') return undefined;
  return { epoch: memory.epoch, slotUpTo: isRecoveryDue(memory) ? undefined : leastReceived(memory) };
}

/**
 * Then the slot stays where it was made: recovery learns from it what the new primary has done since the fork, of which a
 * row that was deleted has no other trace.
 */
const isRecoveryDue = ({ retired }: Memory): boolean => retired.some(({ recovery }) => recovery === 'needed');

/**
 * What all replicas had received at the last look: a failover never forks before it. Unknown while one of them does not
 * answer, as it may be chosen when it does again; max_slot_wal_keep_size keeps the slot from filling the disk.
 */
function leastReceived({ seen = [] }: Memory): Lsn | undefined {
  const received = seen
    .filter(({ role, status }) => role === 'replica' && status !== 'creating')
    .map((replica) => replica.received);
  return received.includes(undefined) ? undefined : (received as Lsn[]).sort(compareLsn)[0];
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
