/** What is well, what is on its way, and what is wrong: told apart in one place, for every view. */
import { STATES, type StateName } from '../../lambda/failover/states';
import type { DatabaseFacts, NameFacts, ServerFacts, TrialFacts } from '../control/contract';
import { seconds } from '../../lib/terminal/quantities';

export type Severity = 'good' | 'change' | 'wrong';

export interface Judgement {
  readonly severity: Severity;
  /** What to say of it after its name: `does not answer`. Absent when all is well. */
  readonly remark?: string;
}

const GOOD: Judgement = { severity: 'good' };

/** People notice that what they wrote elsewhere is not there yet. */
const LAGGING_SECONDS = 1;

const SERVER_SEVERITIES: Readonly<Record<string, Severity>> = { healthy: 'good', unhealthy: 'wrong' };

export function judgeServer({ state }: ServerFacts): Judgement {
  const severity = SERVER_SEVERITIES[state] ?? 'change';
  return severity === 'good' ? GOOD : { severity, remark: state === 'ended' ? 'has ended' : `is ${state}` };
}

/**
 * States that need somebody.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html#Overview.DBInstance.Status
 */
const WRONG_STATES = /^(failed|storage-full|restore-error|inaccessible-|incompatible-|insufficient-capacity)/;

/** States in which a database serves as ever. */
const SERVING_STATES = ['available', 'backing-up', 'storage-optimization'];

export function judgeDatabase({ state, role, server, inQuarantine }: DatabaseFacts): Judgement {
  // Nobody needs it but recovery: whether it runs is no matter, that nobody reaches it is.
  if (role === 'retired') {
    return inQuarantine
      ? { severity: 'change', remark: 'is in quarantine' }
      : { severity: 'wrong', remark: 'is an old primary and not in quarantine' };
  }
  if (WRONG_STATES.test(state)) return { severity: 'wrong', remark: `is ${state}` };
  if (!SERVING_STATES.includes(state)) return { severity: 'change', remark: `is ${state}` };
  if (!server) return { severity: 'wrong', remark: 'does not answer' };
  if (role === 'primary' && server.inRecovery) return { severity: 'wrong', remark: 'takes no writes' };
  if (role === 'replica' && !server.inRecovery) return { severity: 'wrong', remark: 'takes writes' };
  const { lagSeconds = 0 } = server;
  return lagSeconds < LAGGING_SECONDS ? GOOD : { severity: 'change', remark: `lags ${seconds(lagSeconds)}` };
}

/**
 * Where a name leads, without what is never answered: records of weight 0 are, only when all are.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-weighted.html
 */
export function leading({ leadsTo }: NameFacts): NameFacts['leadsTo'] {
  const answered = leadsTo.filter(({ weight }) => weight !== 0);
  return answered.length > 0 ? answered : leadsTo;
}

/** A name is as well as what it leads to; a remark only when the name itself is at fault. */
export function judgeName(name: NameFacts, { databases }: TrialFacts): Judgement {
  const leadsTo = leading(name);
  if (leadsTo.length === 0) return { severity: 'wrong', remark: 'leads nowhere' };
  const among = leadsTo.flatMap(({ to }) => databases.filter(({ identifier }) => identifier === to));
  return { severity: worst(among.map((database) => judgeDatabase(database).severity)) };
}

export function judgeLoadBalancer({ loadBalancer, servers }: TrialFacts): Judgement {
  if (!servers.some(({ state }) => state === 'healthy'))
    return { severity: 'wrong', remark: 'no server is healthy' };
  const failed = loadBalancer?.answers['5xx'] ?? 0;
  return failed === 0
    ? GOOD
    : { severity: 'change', remark: `${failed} of the last minute's answers failed` };
}

/** Rounds are a second apart in the trial, and some more while it waits for an API or between two runs. */
const SILENT_SECONDS = 15;

const CONTROLLER_SEVERITIES = { critical: 'wrong', warning: 'change', info: 'change' } as const;

/** At the stages without one there is nothing to say. */
export function judgeController({ controller, at }: TrialFacts): Judgement {
  if (!controller) return GOOD;
  const { state, roundAt, phase, hold } = controller;
  if (state === undefined || roundAt === undefined)
    return { severity: 'change', remark: 'has not begun yet' };
  if (hold !== undefined) return { severity: 'change', remark: 'is on hold' };
  const silence = (at - roundAt) / 1000;
  if (silence > SILENT_SECONDS)
    return { severity: 'wrong', remark: `has not looked for ${seconds(silence)}` };
  const known = (STATES as Partial<Record<string, (typeof STATES)[StateName]>>)[state];
  const severity = known?.severity
    ? CONTROLLER_SEVERITIES[known.severity]
    : phase === 'steady'
      ? 'good'
      : 'change';
  return severity === 'good' ? GOOD : { severity, remark: `says ${state}` };
}

const RANKS: readonly Severity[] = ['good', 'change', 'wrong'];

export const worst = (severities: readonly Severity[]): Severity =>
  RANKS[Math.max(0, ...severities.map((severity) => RANKS.indexOf(severity)))]!;

/** Everything that is not well, a clause each, the worst first. */
export function troubles(facts: TrialFacts): readonly (Judgement & { readonly clause: string })[] {
  const { names, servers, databases } = facts;
  const about = (subject: string, judgement: Judgement) =>
    judgement.remark ? [{ ...judgement, clause: `${subject} ${judgement.remark}`.trim() }] : [];
  const primaries = databases.filter(({ role }) => role === 'primary');
  return [
    ...(primaries.length > 0 ? [] : about('', { severity: 'wrong', remark: 'there is no primary' })),
    ...(primaries.filter(({ server }) => server?.inRecovery === false).length > 1
      ? about('', { severity: 'wrong', remark: 'there is more than one primary' })
      : []),
    ...about('failover controller', judgeController(facts)),
    ...databases.flatMap((database) => about(database.identifier, judgeDatabase(database))),
    ...names.flatMap((name) => about(name.name, judgeName(name, facts))),
    ...about('', judgeLoadBalancer(facts)),
    ...servers.flatMap((server, index) => about(`server ${index + 1}`, judgeServer(server))),
  ].sort((one, other) => RANKS.indexOf(other.severity) - RANKS.indexOf(one.severity));
}
