/** What the controller does last, when its stack is deleted: CloudFormation deletes a record only as it has made it. */
import { isLeaving, primaryName } from './decide/view';
import type { Memory } from './memory';
import type { ReaderRecord, SeenNames } from './observation';
import { describeGroup, messageOf } from './observe';
import type { Policy } from './policy';
import { CallFailed, type Ports, type Stored } from './ports';
import { LEASE_MILLIS } from './round';

export interface Removal {
  readonly ports: Ports;
  readonly policy: Policy;
  /** New for each run. */
  readonly owner: string;
  /** Milliseconds since 1970 by `ports.clock`. */
  readonly until: number;
  /** The records that the stack has made, as it made them. */
  readonly records: SeenNames;
}

/** Somebody else gave a sign of life in between: no matter how often, there is room between two. */
const TRY_AGAIN_MILLIS = 100;

/** Between two tries of what RDS is not ready for. */
const PAUSE_MILLIS = 5_000;

/**
 * Closes the journal, so that no run changes anything any more; puts the records back; deletes the replicas that the
 * controller has made, which hold nothing of their own. A hold keeps nobody from it: the stack goes, and its records must.
 *
 * What holds data and is not in the template any more, such as an old primary, stays, and is told in the log.
 *
 * @throws Error saying what could not be done: the deletion of the stack stops there and may be asked for again
 */
export async function remove(removal: Removal): Promise<void> {
  const { ports, records } = removal;
  await mustHaveItsName(removal);
  await close(removal);
  await ports.names.change(await ports.names.read(), records);
  await ports.stack.setPolicy('allowed').catch((error: unknown) => {
    // Deletion heeds no policy.
    ports.log.warn('the stack policy was not opened', { error: messageOf(error) });
  });
  await deleteReplicas(removal);
}

/**
 * CloudFormation would delete a promoted primary as the replica that the template knows by its name: without a snapshot.
 */
async function mustHaveItsName({ ports, policy }: Removal): Promise<void> {
  const { memory } = await ports.journal.read().catch((error: unknown): Partial<Stored> => {
    if (error instanceof CallFailed && error.outcome === 'not-found') return {};
    throw error;
  });
  // Without it nothing was ever promoted.
  if (!memory) return;
  const instances = await describeGroup(ports, policy);
  const primary = instances.find(({ resourceId }) => resourceId === memory.primary);
  if (!primary || primary.identifier === primaryName(policy)) return;
  throw new Error(
    `The primary is called ${primary.identifier}, and would be deleted as a replica, without a snapshot: ` +
      'give it its usual name first (npm run failover -- names), then delete the stack again',
  );
}

async function close({ ports, owner, until, policy }: Removal): Promise<void> {
  const { clock, journal, log } = ports;
  try {
    await journal.read();
  } catch (error) {
    if (!(error instanceof CallFailed) || error.outcome !== 'not-found') throw error;
    log.warn('there is no journal: nobody can be at work', { error: messageOf(error) });
    return;
  }
  while (clock.now() < until) {
    const before = await journal.read();
    // The lease is taken from whoever works: its next sign of life is refused, and it ends.
    if (!(await journal.take(before, owner))) {
      await clock.sleep(TRY_AGAIN_MILLIS);
      continue;
    }
    const stored = await journal.read();
    const written = await journal.commit({
      version: stored.version,
      owner,
      memory: { ...(stored.memory ?? nothing), closed: true },
      entries: [entry(stored, owner, clock.now())],
      notOnHold: false,
    });
    await journal.release(owner);
    if (written !== 'written') continue;
    log.info('the journal is closed', { group: policy.name });
    // What it has written down, and not done yet, it may still do.
    if (before.lease) await clock.sleep(LEASE_MILLIS);
    return;
  }
  throw new Error('The journal of the failover controller could not be closed: delete the stack again');
}

const nothing: Memory = {
  phase: 'steady',
  epoch: 0,
  primary: '',
  retired: [],
  unfitSince: {},
  inFlight: [],
  creating: {},
  backoff: {},
  stackPolicy: 'open',
};

const entry = ({ memory = nothing }: Stored, by: string, at: number) => ({
  at,
  epoch: memory.epoch,
  phase: memory.phase,
  state: 'closed',
  what: 'closed',
  evidence: ['the stack is being deleted'],
  by,
});

async function deleteReplicas({ ports, policy, until }: Removal): Promise<void> {
  const { clock, rds, log } = ports;
  for (;;) {
    const instances = await describeGroup(ports, policy);
    const going = instances.filter((one) => one.isOurs && one.source !== undefined && !isLeaving(one));
    const failures: string[] = [];
    for (const { identifier } of going) {
      const request = { DBInstanceIdentifier: identifier, SkipFinalSnapshot: true };
      await rds.call('DeleteDBInstance', request).then(
        () => log.info('a replica is deleted', { identifier }),
        (error: unknown) => failures.push(messageOf(error)),
      );
    }
    if (failures.length === 0) {
      const staying = instances.filter((one) => one.source === undefined && !isLeaving(one));
      log.info('what CloudFormation does not delete stays', {
        primaries: staying.map(({ identifier, isOurs }) => ({ identifier, isOurs })),
      });
      return;
    }
    if (clock.now() + PAUSE_MILLIS > until) {
      throw new Error(
        `Replicas that the failover controller made could not be deleted: ${failures.join('; ')}`,
      );
    }
    await clock.sleep(PAUSE_MILLIS);
  }
}

/** A record as the custom resource's properties have it: CloudFormation makes texts of numbers. */
interface RecordProperties {
  readonly Name: string;
  readonly Target: string;
  readonly SetIdentifier?: string;
  readonly Weight?: string | number;
}

/**
 * @param properties `Records` of the custom resource
 * @throws Error when they are none
 */
export function recordsOf(
  properties: object | undefined,
  { writerName }: { readonly writerName: string },
): SeenNames {
  const { Records } = (properties ?? {}) as { Records?: readonly RecordProperties[] };
  if (!Array.isArray(Records)) throw new Error('The property Records is missing: it must list the records');
  const plain = (name: string) => name.toLowerCase().replace(/\.$/, '');
  const all = Records as readonly RecordProperties[];
  const writer = all.find(({ Name }) => plain(Name) === plain(writerName));
  return {
    ...(writer && { writer: plain(writer.Target) }),
    readers: all
      .filter((record) => record !== writer)
      .map(({ SetIdentifier = '', Target, Weight = 0 }): ReaderRecord => ({
        identifier: SetIdentifier,
        target: plain(Target),
        weight: Number(Weight),
      })),
  };
}
