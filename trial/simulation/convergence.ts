/** Points 12 and 13: what stands when the faults are long over. */
import type { DBInstance } from '@aws-sdk/client-rds';
import { groupPattern } from '../../lambda/failover/decide/view';
import type { Memory } from '../../lambda/failover/memory';
import { command } from './faults';
import type { Invariant } from './invariant';
import { DATABASE_GROUP, SITE } from './policy';
import type { OperatorCommand } from './schedule';
import { byHand } from './server-faults';
import type { World } from './world';

/** "Fully operational" while its storage is optimized (RDS guide, "DB instance status"). */
const SERVES = /^(available|storage-optimization)$/;

/** What a person has given another name, and the controller has not to do with any more, is that person's. */
const isStranger = (
  { journal: { memory } }: World,
  { DBInstanceIdentifier, DbiResourceId }: DBInstance,
): boolean =>
  !groupPattern(SITE).test(DBInstanceIdentifier!) &&
  DbiResourceId !== memory?.primary &&
  !memory?.retired.some(({ resourceId }) => resourceId === DbiResourceId);

/** What is not as it should be yet, in a sentence. */
export function unsettled(world: World): string | undefined {
  const { journal, plane, zone, policy } = world;
  const { memory, hold, command } = journal;
  const instances = world.instances.filter((one) => !isStranger(world, one));
  if (!memory || hold || command) return 'somebody has still to be heard';
  if (memory.phase !== 'steady') return `the phase is ${memory.phase}`;
  if (memory.naming) return 'databases are being renamed';
  const primary = plane.servers.get(memory.primary);
  if (!primary?.works || primary.recovering) return 'the primary takes no writes';
  const { name } = primary;

  let replicas = 0;
  for (const {
    DbiResourceId: id,
    DBInstanceStatus: status,
    DBInstanceIdentifier,
    VpcSecurityGroups,
  } of instances) {
    const groups = VpcSecurityGroups?.map(({ VpcSecurityGroupId }) => VpcSecurityGroupId).join();
    if (groups !== DATABASE_GROUP) return `${DBInstanceIdentifier} is in ${groups}`;
    if (id === memory.primary) {
      if (!SERVES.test(status ?? '')) return `the primary is ${status}`;
      continue;
    }
    const server = plane.servers.get(id!);
    if (memory.retired.some(({ resourceId }) => resourceId === id))
      return `${DBInstanceIdentifier} is still there`;
    if (server?.source !== memory.primary) return `${DBInstanceIdentifier} is an orphan`;
    if (!SERVES.test(status ?? '') || !server.receiver.streaming)
      return `${DBInstanceIdentifier} does not follow`;
    replicas++;
  }
  if (replicas !== policy.replicas) return `${replicas} of ${policy.replicas} replicas are there`;

  const { writer, readers } = zone.names;
  if (writer !== name) return `the writer's name leads to ${writer}`;
  const led = readers.filter(({ weight }) => weight > 0).map(({ target }) => plane.named(target));
  if (led.length !== policy.replicas || !led.every((server) => server?.source === memory.primary)) {
    return "the readers' name does not lead to the replicas";
  }
  const usual = new RegExp(`^${SITE}-(primary|replica-[1-${Math.max(1, policy.replicas)}])$`);
  const areUsual =
    instances.every(({ DBInstanceIdentifier }) => usual.test(DBInstanceIdentifier!)) &&
    world.nameOf(memory.primary) === `${SITE}-primary`;
  const wanted = areUsual ? 'allowed' : 'denied';
  return world.stackPolicy === wanted ? undefined : `deployments are ${world.stackPolicy}`;
}

export const converges: Invariant = {
  number: 12,
  sentence: 'When faults stop, the wanted number of replicas stands, no more, no orphans',
  end: ({ world }) => unsettled(world),
};

/** It never listens to one: there is nothing that could be lost, doubled or late. The same end is point 12. */
export const eventsChangeNothing: Invariant = {
  number: 13,
  sentence: 'Lost, doubled or reordered events change nothing in the end',
};

/** To the name that the reasons give. */
function renameAsTold(world: World, { primary, state }: Memory): void {
  const NewDBInstanceIdentifier = state?.reasons
    .map((reason) => /rename it to (\S+)$/.exec(reason)?.[1])
    .find((name) => name !== undefined);
  world.note(`the operator renames the primary to ${NewDBInstanceIdentifier}`);
  byHand(world, 'ModifyDBInstance', primary, { NewDBInstanceIdentifier, ApplyImmediately: true });
}

/** What a human would do who reads the notices, once the faults are over. */
export function operate(world: World, wantsNames: boolean): void {
  const { journal, instances } = world;
  const { memory } = journal;
  if (!memory || journal.command) return;
  const say = (asked: OperatorCommand) => {
    world.note(`the operator says ${asked.kind}`);
    command(world, asked);
  };
  switch (memory.state?.name) {
    case 'needs-acknowledgement':
      return say({ kind: 'acknowledge' });
    case 'no-fit-candidate':
    case 'candidate-unfit':
    case 'would-fail-over':
      return say({ kind: 'promote', withoutFence: false, acceptLoss: true });
    case 'fence-unverified':
      return say({ kind: 'promote', withoutFence: true, acceptLoss: true });
    case 'primary-renamed':
      return renameAsTold(world, memory);
  }
  if (memory.phase !== 'steady') return;
  if (memory.retired.some(({ recovery }) => recovery === 'needed'))
    return say({ kind: 'waive', recovered: false });
  const isUsual = instances.some(
    ({ DbiResourceId, DBInstanceIdentifier }) =>
      DbiResourceId === memory.primary && DBInstanceIdentifier === `${SITE}-primary`,
  );
  if (wantsNames && !isUsual && !memory.naming && memory.retired.length === 0) say({ kind: 'names' });
}
