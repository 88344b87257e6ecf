/** Every state that lambda/failover/states.ts knows, and a look and a memory that lead to it. */
import { type StateName, STATES } from '../../../lambda/failover/states';
import {
  type Changes,
  MINUTE,
  T0,
  afterFailover,
  behind,
  beingMade,
  choosingMemory,
  dead,
  fencingMemory,
  follows,
  followsNew,
  has,
  healingMemory,
  healthyMemory,
  look,
  multiAz,
  namesOf,
  notReceiving,
  opened,
  openingMemory,
  ours,
  policy,
  promoted,
  promotingMemory,
  quarantined,
  remembering,
  round,
  says,
  silentFor,
  status,
  wholeAgain,
  with_,
} from './builders';

type Arguments = Parameters<typeof round>;
interface Example {
  /** What has happened to the instances; or a look that saw nothing whole. */
  readonly seen?: Changes | { readonly at: number; readonly missing: readonly string[] };
  readonly looking?: Parameters<typeof look>[1];
  readonly memory?: Arguments[1];
  readonly options?: Arguments[2];
}

const quiet: Changes = { 'replica-1': notReceiving, 'replica-2': notReceiving };
const gone: Changes = { ...quiet, primary: dead };
const fenced: Changes = { ...quiet, primary: [quarantined, dead] };
const suspected = remembering({ suspicion: silentFor(MINUTE) });
const retired = (recovery: 'needed' | 'waived') =>
  remembering({ retired: [{ resourceId: 'db-retired-1', epoch: 1, recovery, since: T0 - MINUTE }] });
const late = { at: 10 * MINUTE };

const EXAMPLES: Readonly<Record<StateName, Example>> = {
  blind: { seen: { at: T0, missing: ['RDS: throttled'] } },
  held: { options: { hold: { by: 'anna', at: T0, why: 'a look' } } },
  closed: { memory: remembering({ closed: true }) },
  'cut-off': { seen: { primary: dead, 'replica-1': dead, 'replica-2': dead }, memory: suspected },
  'primary-missing': { seen: { primary: 'gone' } },

  healthy: {},
  'names-astray': { looking: { names: namesOf(['primary', 'replica-1']) } },
  'replica-unfit': {
    seen: { 'replica-2': behind(MINUTE) },
    looking: { names: namesOf(['primary', 'replica-1']) },
  },
  'replica-missing': { seen: { 'replica-2': 'gone' }, looking: { names: namesOf(['primary', 'replica-1']) } },
  'replica-in-excess': {
    seen: { 'replica-3': [ours, followsNew('primary', 1)] },
    looking: { names: namesOf(['primary', 'replica-1', 'replica-2', 'replica-3']) },
  },
  'primary-read-only': { seen: { primary: says({ write: { refused: 'No space left on device' } }) } },
  'primary-closed': { seen: { primary: [quarantined, status('modifying')] } },
  'primary-flaps': {
    memory: remembering({
      steadiness: { 'db-primary': { falls: [T0 - MINUTE], wellSince: T0 - MINUTE, isFlapping: true } },
    }),
  },
  'primary-renamed': {
    seen: {
      primary: with_({ identifier: 'mysite-broken' }),
      'replica-1': follows('broken'),
      'replica-2': follows('broken'),
    },
  },
  naming: { memory: remembering({ naming: { since: T0, by: 'anna' } }) },
  'retired-waits': { seen: { 'retired-1': quarantined }, memory: retired('needed') },
  'retired-goes': { seen: { 'retired-1': quarantined }, memory: retired('waived') },

  'primary-suspected': { seen: { primary: dead } },
  'primary-unreachable-but-alive': { seen: { primary: dead }, memory: suspected },
  'primary-in-rds-care': { seen: { ...quiet, primary: [dead, multiAz] }, memory: suspected },
  'no-fit-candidate': {
    seen: { primary: dead, 'replica-1': [notReceiving, behind(2 * MINUTE)], 'replica-2': dead },
    memory: suspected,
  },
  'needs-acknowledgement': {
    seen: gone,
    memory: { ...suspected, lastFailover: { at: T0 - 10 * MINUTE, acknowledged: false } },
  },
  'would-fail-over': { seen: gone, memory: suspected, options: { rules: { ...policy, mode: 'notify' } } },
  'primary-dead': { seen: gone, memory: suspected },

  fencing: { seen: gone, memory: fencingMemory() },
  'fence-unverified': { seen: gone, looking: late, memory: fencingMemory() },
  'primary-returned': { seen: { primary: quarantined }, memory: fencingMemory() },
  'candidate-replaying': {
    seen: { ...fenced, 'replica-1': [notReceiving, has('0/3000200', '0/3000000')] },
    memory: choosingMemory(),
  },
  'candidate-unfit': { seen: { ...fenced, 'replica-1': dead, 'replica-2': dead }, memory: choosingMemory() },
  'candidate-chosen': { seen: fenced, memory: choosingMemory() },
  promoting: { seen: { ...fenced, 'replica-1': [dead, status('modifying')] }, memory: promotingMemory() },
  'promotion-stuck': {
    seen: { ...fenced, 'replica-1': [notReceiving, status('modifying')] },
    memory: promotingMemory({ promotionSince: T0 }),
    looking: late,
  },
  'candidate-lost': { seen: { ...fenced, 'replica-1': 'gone' }, memory: promotingMemory() },
  opening: { seen: { ...fenced, 'replica-1': promoted }, memory: openingMemory() },
  'names-moving': { seen: { ...fenced, 'replica-1': [promoted, opened(2)] }, memory: openingMemory() },
  opened: {
    seen: { ...fenced, 'replica-1': [promoted, opened(2)] },
    looking: { names: namesOf(['replica-1']) },
    memory: openingMemory(),
  },
  'switchover-given-up': {
    seen: { primary: quarantined, 'replica-1': dead, 'replica-2': dead },
    looking: late,
    memory: choosingMemory({ kind: 'switchover' }),
  },
  healing: {
    seen: { ...afterFailover, 'replica-3': [beingMade, ours] },
    looking: { names: namesOf(['replica-1']) },
    memory: healingMemory(),
  },
  'healing-stalled': {
    seen: { ...afterFailover, 'replica-3': [beingMade, ours] },
    looking: { names: namesOf(['replica-1']) },
    memory: { ...healingMemory(), healingSince: T0 - 30 * MINUTE },
  },
  'change-refused': {
    seen: afterFailover,
    looking: { names: namesOf(['replica-1']) },
    memory: {
      ...healingMemory(),
      backoff: {
        'create-replica mysite-replica-3': {
          failures: 5,
          notBefore: T0 + MINUTE,
          last: { outcome: 'denied', times: 5, since: T0 - MINUTE, said: 'not authorized' },
        },
      },
    },
  },
  healed: {
    seen: wholeAgain,
    looking: { names: namesOf(['replica-1', 'replica-2', 'replica-3']) },
    memory: healingMemory(),
  },
};

const decide = ({ seen = {}, looking, memory = healthyMemory, options }: Example) =>
  round('missing' in seen ? (seen as never) : look(seen as Changes, looking), memory, options).decision;

test.each(Object.entries(EXAMPLES))('%s', (name, example) => {
  const { state, reasons, notices } = decide(example);
  expect(state).toBe(name);
  expect(reasons.length).toBeGreaterThan(0);
  const severity = 'severity' in STATES[state] ? STATES[state].severity : undefined;
  expect(notices.map((notice) => notice.severity)).toEqual(severity ? [severity] : []);
});

test('every state has an example', () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual(Object.keys(STATES).sort());
});

test('what is done where nothing is to be done: nothing', () => {
  for (const [name, { done }] of Object.entries(STATES)) {
    // Names of readers, and who may deploy, are kept right in every state.
    const changes = decide(EXAMPLES[name as StateName]).actions.filter(
      ({ kind }) => kind !== 'move-names' && kind !== 'stack-policy',
    );
    if (/^nothing\b/.test(done)) expect([name, changes]).toEqual([name, []]);
  }
});
