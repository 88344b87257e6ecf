/** Phases `steady` and `healing`: the primary answers. What is missing, too much, or astray. */
import type { Action } from '../decision';
import type { Failover, Memory } from '../memory';
import type { SeenInstance } from '../observation';
import { isUnready } from './choose';
import { missed } from './detect';
import { naming } from './naming';
import { freeName, replicaFindings } from './replicas';
import { retiredFindings } from './retire';
import { settingFindings, standbyFindings, windowFindings } from './settings';
import { type StateName, STATES } from '../states';
import { flapping } from './flapping';
import { type Step, step } from './step';
import {
  type View,
  admitsClients,
  answers,
  find,
  fitReplicas,
  groupPattern,
  groupsAsked,
  hasProvedWrite,
  isOfDeployment,
  isServing,
  namesFor,
  primaryName,
  primaryOf,
  readersOfDeployment,
  replicasOf,
  sameNames,
  targetOf,
  unfitness,
} from './view';

/** Something that is not as it should be, and what mends it. */
export type Finding = Omit<Step, 'memory'> & {
  /** It does not keep the group from being steady. */
  readonly mayWait?: boolean;
};

/** A healing step with its own change of the memory. */
export interface Findings {
  readonly memory: Memory;
  readonly findings: readonly Finding[];
}

/** Phases `steady` and `healing`. */
export function tending(view: View): Step {
  const primary = primaryOf(view);
  if (!primary || !answers(primary)) return withNames(view, missed(view));

  const { memory } = view;
  const replicas = replicaFindings(view);
  const retired = retiredFindings({ ...view, memory: replicas.memory });
  const urgent = [
    ...flappingFindings(view, primary),
    ...renamedFindings(view, primary),
    ...writeFindings(primary),
    ...groupFindings(view, primary),
    ...nameFindings(view),
  ];
  const rest = [...replicas.findings, ...retired.findings];
  if (memory.phase === 'steady' && urgent.length === 0 && replicas.findings.length === 0) {
    const named = naming({ ...view, memory: retired.memory });
    if (named) return merged(named.memory, [named, ...rest]);
  }
  const settings = memory.phase === 'healing' ? settingFindings(view, primary) : [];
  // All are changes of the same kind: one after the other.
  const standby =
    settings.length === 0
      ? standbyFindings({ ...view, memory: retired.memory }, primary)
      : { memory: retired.memory, findings: [] };
  const windows = settings.length + standby.findings.length === 0 ? windowFindings(view, primary) : [];
  const findings = [...urgent, ...settings, ...standby.findings, ...rest, ...windows];
  if (memory.phase === 'healing') return healing(view, standby.memory, findings);
  return findings.length > 0 ? merged(standby.memory, findings) : healthy(view, standby.memory);
}

/** In phase `healing` these are no news: after a failover they are seen until new replicas serve. */
const EXPECTED: ReadonlySet<StateName> = new Set<StateName>([
  'healing',
  'names-astray',
  'replica-missing',
  'replica-in-excess',
  'retired-waits',
  'retired-goes',
]);

/** One that is unfit is expected while it catches up, and no more when it is to be replaced. */
const isExpected = ({ state, actions }: Finding): boolean =>
  EXPECTED.has(state) || (state === 'replica-unfit' && actions.length === 0);

function healing(view: View, memory: Memory, findings: readonly Finding[]): Step {
  // An old primary may wait for days: it does not keep the group from being steady.
  const isWhole = findings.every(
    ({ state, mayWait }) => mayWait || state === 'retired-waits' || state === 'retired-goes',
  );
  const one = merged(memory, findings);
  if (!isWhole || fitReplicas(view).length < view.policy.replicas) {
    const waiting = replicasOf(view)
      .map((replica) => [replica.identifier, unfitness(view, replica)] as const)
      .flatMap(([identifier, why]) => (why === undefined ? [] : [`${identifier} ${why}`]));
    const news = findings.filter((finding) => !isExpected(finding));
    const state = news.length > 0 ? worstOf(news) : 'healing';
    return step(state, memory, [...(findings.length > 0 ? one.reasons : []), ...waiting], one.actions);
  }
  return step(
    'healed',
    { ...memory, failover: undefined, phase: 'steady' },
    [
      `${view.policy.replicas} replicas follow`,
      ...findings.filter(({ mayWait }) => mayWait).flatMap(({ reasons }) => reasons),
    ],
    one.actions,
  );
}

const healthy = (view: View, memory: Memory): Step =>
  step('healthy', memory, [
    `${fitReplicas(view).length} of ${view.policy.replicas} replicas serve reads`,
    ...view.observation.instances
      .filter((one) => isOfDeployment(view, one))
      .map(({ identifier }) => `${identifier} is of a deployment that changes the number of replicas`),
  ]);

/** The gravest finding gives the state, the first of equals; all of them are mended. */
function merged(memory: Memory, findings: readonly Finding[]): Step {
  return step(
    worstOf(findings),
    memory,
    findings.flatMap(({ reasons }) => reasons),
    findings.flatMap(({ actions }) => actions),
  );
}

const GRAVITY = { info: 1, warning: 2, critical: 3 };
const gravityOf = (state: StateName): number => GRAVITY[STATES[state].severity!] ?? 0;

const worstOf = (findings: readonly Finding[]): StateName =>
  findings.reduce<StateName>(
    (worst, { state }) => (gravityOf(state) > gravityOf(worst) ? state : worst),
    findings[0]?.state ?? 'healthy',
  );

function writeFindings({ identifier, probe }: SeenInstance): Finding[] {
  if (!probe.reached) return [];
  const refused = typeof probe.write === 'object' ? probe.write.refused : undefined;
  if (probe.inRecovery) {
    return [{ state: 'primary-read-only', reasons: [`${identifier} is in recovery`], actions: [] }];
  }
  return refused === undefined
    ? []
    : [{ state: 'primary-read-only', reasons: [`${identifier} takes no write: ${refused}`], actions: [] }];
}

function flappingFindings(view: View, { identifier, resourceId }: SeenInstance): Finding[] {
  const why = flapping(view, resourceId);
  return why === undefined
    ? []
    : [{ state: 'primary-flaps', reasons: [`${identifier} ${why}`], actions: [] }];
}

/** Its endpoint has gone with its old name, and the permissions are for the names of the group. */
function renamedFindings(view: View, { identifier }: SeenInstance): Finding[] {
  const { policy, observation } = view;
  if (groupPattern(policy.name).test(identifier)) return [];
  const usual = primaryName(policy);
  // An old primary in quarantine may have it, and keeps it until recovery is done.
  const isTaken = observation.instances.some((one) => one.identifier === usual);
  const reason = `the primary is called ${identifier}: rename it to ${isTaken ? freeName(view) : usual}`;
  return [{ state: 'primary-renamed', reasons: [reason], actions: [] }];
}

/** While there is no primary to speak of, readers are still kept right. */
export function withNames(view: View, before: Step): Step {
  if (before.memory.phase !== view.memory.phase || before.state === 'cut-off') return before;
  const [names] = nameFindings(view, before.memory.failover);
  return names ? { ...before, actions: [...before.actions, ...names.actions] } : before;
}

/** @param failover one that is under way: who is being promoted there is no reader */
function nameFindings(view: View, failover?: Failover): Finding[] {
  const { observation, memory } = view;
  const primary = primaryOf(view);
  if (!primary) return [];
  const candidate = failover?.promoteAskedAt === undefined ? undefined : find(view, failover.candidate);
  // One that RDS has refused to promote goes on serving until it does not.
  const leaving = candidate && isUnready(view, candidate) ? undefined : candidate?.resourceId;
  const fit = [...fitReplicas(view), ...readersOfDeployment(view)].filter(
    ({ resourceId }) => resourceId !== leaving,
  );
  const wanted = namesFor(primary, fit);
  if (!wanted) return [];
  // Only to who has proved a write. The reader's name may follow its replicas all the same.
  const proved = hasProvedWrite(primary, memory.epoch) || observation.names.writer === wanted.writer;
  const to = proved ? wanted : { ...wanted, writer: observation.names.writer };
  if (sameNames(observation.names, to)) return [];
  // Out of the readers at once; but never nobody, while nobody has shown that the primary lives and is reached.
  if (!isServing(view) && to.readers.every(({ weight }) => weight === 0)) return [];
  const move: Action = { kind: 'move-names', from: observation.names, to };
  const readers = to.readers.filter(({ weight }) => weight > 0).map(({ identifier }) => identifier);
  const reason = `reads go to ${readers.join(', ') || primary.identifier}, writes to ${primary.identifier}`;
  return [{ state: 'names-astray', reasons: [reason], actions: [move] }];
}

/** A quarantine that was given up half way, or what a hand or a deployment has put there. Nothing fences it now. */
function groupFindings({ policy }: View, primary: SeenInstance): Finding[] {
  const { identifier } = primary;
  const { databaseGroup } = policy;
  const isAsked = groupsAsked(primary, databaseGroup);
  const admits = admitsClients(primary, databaseGroup);
  if (isAsked && admits) return [];
  // In every status: RDS refuses what it cannot do, and a list of statuses is never whole.
  const groups: Action = { kind: 'set-groups', on: targetOf(primary), groups: [databaseGroup] };
  const actions = isAsked ? [] : [groups];
  return admits
    ? [{ state: 'healing', reasons: [`${identifier} is in other security groups as well`], actions }]
    : [
        {
          state: 'primary-closed',
          reasons: [
            `${identifier} is ${primary.status}, and ` +
              (isAsked
                ? 'its security group is not in force yet'
                : 'is not in its security group: no client reaches it'),
          ],
          actions,
        },
      ];
}
