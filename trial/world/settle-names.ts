import { groupPattern } from '../../lambda/failover/decide/view';
import type { Memory } from '../../lambda/failover/memory';
import type { Instance, RdsState } from '../rds/model/state';

export interface Settled {
  readonly state: RdsState;
  /** Replicas of an old primary: nothing lies in them that it has not. Resource ids. */
  readonly removed: readonly string[];
}

/**
 * A restart of the trial is a new deployment of the template, and that finds databases by their identifiers. So what the
 * failover controller would do with the names in its maintenance window is done before, while nothing runs: the
 * instance that takes the writes gets the primary's name, its replicas theirs, and an old primary that of a retired one,
 * which no template touches: it stays behind the groups that it has.
 *
 * @param memory of the controller, as it was when the last run ended; without it, whoever has replicas is the primary
 * @param group name of the site, with which identifiers begin
 */
export function settleNames(before: RdsState, memory: Memory | undefined, group: string): Settled {
  const state = structuredClone(before);
  const pattern = groupPattern(group);
  const members = state.instances.filter(({ identifier }) => pattern.test(identifier));
  const primary = primaryAmong(members, memory);
  if (!primary) return { state, removed: [] };

  const followers = members.filter(({ sourceResourceId }) => sourceResourceId === primary.resourceId);
  const orphans = members.filter(
    (one) => one !== primary && one.sourceResourceId !== undefined && !followers.includes(one),
  );
  const retired = members.filter((one) => one !== primary && one.sourceResourceId === undefined);
  state.instances = state.instances.filter((one) => !orphans.includes(one));

  for (const one of [primary, ...followers, ...retired]) endRenaming(one);
  if (followers[0]) endQuarantine(primary, followers[0]);
  for (const old of retired) {
    const epoch = memory?.retired.find(({ resourceId }) => resourceId === old.resourceId)?.epoch ?? 1;
    if (!/-retired-\d+$/.test(old.identifier)) old.identifier = freeName(`${group}-retired-`, epoch, retired);
    isolate(old, primary);
  }
  primary.identifier = `${group}-primary`;
  const usual = followers.map((_, index) => `${group}-replica-${index + 1}`);
  const strangers = followers.filter(({ identifier }) => !usual.includes(identifier));
  const free = usual.filter((name) => !followers.some(({ identifier }) => identifier === name));
  strangers.forEach((one, index) => (one.identifier = free[index]!));
  return { state, removed: orphans.map(({ resourceId }) => resourceId) };
}

function primaryAmong(members: readonly Instance[], memory: Memory | undefined): Instance | undefined {
  const { failover, primary } = memory ?? {};
  const candidate = members.find(({ resourceId }) => resourceId === failover?.candidate);
  // Who has been asked to promote itself does so when it is started, whatever the journal says by then.
  if (candidate && failover?.promoteAskedAt !== undefined && willTakeWrites(candidate)) {
    delete candidate.sourceResourceId;
    return candidate;
  }
  const independent = members.filter(({ sourceResourceId }) => sourceResourceId === undefined);
  const remembered = independent.find(({ resourceId }) => resourceId === primary);
  if (remembered) return remembered;
  const followersOf = ({ resourceId }: Instance) =>
    members.filter(({ sourceResourceId }) => sourceResourceId === resourceId).length;
  return independent
    .toSorted(
      (one, other) =>
        followersOf(other) - followersOf(one) || (other.restorableSince ?? 0) - (one.restorableSince ?? 0),
    )
    .find(({ identifier }) => !/-retired-\d+$/.test(identifier));
}

const willTakeWrites = ({ sourceResourceId, tasks }: Instance): boolean =>
  sourceResourceId === undefined || tasks.some(({ kind }) => kind === 'promote');

/** What was to be called otherwise is now called as it should be. */
function endRenaming(instance: Instance): void {
  instance.tasks = instance.tasks.filter(({ kind }) => kind !== 'rename' && kind !== 'settleName');
  delete instance.pending.identifier;
}

function freeName(start: string, number: number, others: readonly Instance[]): string {
  const name = `${start}${number}`;
  return others.some(({ identifier }) => identifier === name) ? freeName(start, number + 1, others) : name;
}

/** A failover that had not promoted anybody is over: everything was down, and the old primary goes on. */
function endQuarantine(primary: Instance, { securityGroupIds, nextSecurityGroupIds }: Instance): void {
  primary.securityGroupIds = [...(nextSecurityGroupIds ?? securityGroupIds)];
  delete primary.nextSecurityGroupIds;
  delete primary.timers.securityGroups;
}

/** One whose fence was never shown may still be among those whom clients reach: nobody reaches it now. */
function isolate(retired: Instance, primary: Instance): void {
  const groups = retired.nextSecurityGroupIds ?? retired.securityGroupIds;
  retired.securityGroupIds = groups.filter((group) => !primary.securityGroupIds.includes(group));
  delete retired.nextSecurityGroupIds;
  delete retired.timers.securityGroups;
}
