/**
 * Every state that the controller can see the group in: it sees one, and the state picks what is done. The table in
 * docs/failover.md is generated from this (`npm run failover -- states`).
 */
interface State {
  /** What is seen. */
  readonly seen: string;
  /** What is done. */
  readonly done: string;
  /** Whether people are told when it begins. */
  readonly severity?: 'info' | 'warning' | 'critical';
}

const states = {
  // Nothing can be said, or nothing may be done.
  blind: {
    seen: 'RDS, Route 53 or the journal did not answer, or RDS with what was before',
    done: 'nothing: what is half seen leads to no change',
  },
  held: { seen: 'a human has put the group on hold', done: 'nothing, until it is released' },
  closed: { seen: 'the stack is being deleted', done: 'nothing any more' },
  'cut-off': {
    seen: 'neither the primary nor any replica can be reached: it is the controller who is cut off',
    done: 'nothing; people are told',
    severity: 'critical',
  },
  'primary-missing': {
    seen: 'RDS does not know the primary any more, or it is being deleted',
    done: 'nothing: whoever deleted it must say what is to be; people are told',
    severity: 'critical',
  },

  // Steady.
  healthy: {
    seen: 'the primary takes writes, the wanted replicas follow, names lead to them',
    done: 'nothing',
  },
  'names-astray': {
    seen: 'a name does not lead where it should',
    done: 'both names are put right in one batch',
  },
  'replica-unfit': {
    seen: 'a replica cannot be reached, does not stream, or is further behind than the limit',
    done: 'it leaves the readers at once, and is replaced after a while',
    severity: 'warning',
  },
  'replica-missing': {
    seen: 'there are fewer replicas than wanted, or one is still being made',
    done: 'another is created',
    severity: 'warning',
  },
  'replica-in-excess': {
    seen: 'there are more replicas than wanted, and one of them was made by the controller',
    done: 'the one in excess is deleted after a while',
  },
  'primary-read-only': {
    seen: 'the primary answers and takes no write: its disk is full, or somebody has made it read-only',
    done: 'nothing: its replicas have the same disk; people are told',
    severity: 'critical',
  },
  'primary-closed': {
    seen: 'the primary answers, and its security groups keep clients out: a quarantine that nobody needs, or a hand',
    done: 'the usual group is put back, as often as it takes; people are told',
    severity: 'critical',
  },
  'primary-flaps': {
    seen: 'the primary has ceased to answer five times within ten minutes, and come back each time too soon to be replaced',
    done: 'nothing: each time it lives; people are told, and may switch over',
    severity: 'critical',
  },
  'primary-renamed': {
    seen: "the primary bears a name that is none of the group's: somebody has renamed it",
    done: 'names lead to it; nothing else can be changed under that name; people must give it one of the usual names',
    severity: 'critical',
  },
  naming: {
    seen: 'it is time to give the databases their usual names back',
    done: 'one renaming after the other',
  },
  'retired-waits': {
    seen: 'an old primary is in quarantine until recovery is done or waived',
    done: 'nothing to it; the group is healthy otherwise',
  },
  'retired-goes': {
    seen: 'recovery of an old primary is done or waived',
    done: 'it is deleted, with a last snapshot where one can be had',
  },

  // Before a failover.
  'primary-suspected': {
    seen: 'the primary does not answer, for less than detectAfter or fewer than three looks',
    done: 'nothing yet',
  },
  'primary-unreachable-but-alive': {
    seen: 'the primary does not answer the controller, but a replica still receives from it',
    done: 'nothing: it lives; people are told',
    severity: 'warning',
  },
  'primary-in-rds-care': {
    seen: 'the primary does not answer, and RDS itself restarts it, moves it or fails it over',
    done: 'nothing until managedFailoverGrace has passed',
    severity: 'warning',
  },
  'no-fit-candidate': {
    seen: 'the primary is dead, and no replica that can be reached is within the lag limit',
    done: 'nothing: people must choose between waiting and losing writes',
    severity: 'critical',
  },
  'needs-acknowledgement': {
    seen: 'the primary is dead, and the last failover is younger than minimumInterval',
    done: 'nothing until a human acknowledges it',
    severity: 'critical',
  },
  'would-fail-over': {
    seen: 'the primary is dead, and the mode is "notify"',
    done: 'nothing; people are told',
    severity: 'critical',
  },
  'primary-dead': {
    seen: 'the primary does not answer, no replica receives from it, and one can be promoted',
    done: 'the failover begins: the old primary is fenced',
    severity: 'critical',
  },

  // The phases.
  fencing: {
    seen: 'the old primary is not shown to be out of reach of clients yet',
    done: 'quarantine group, then a restart; both until they are seen to be in force',
  },
  'fence-unverified': {
    seen: 'the fence could not be shown within its time, and the policy is "strict"',
    done: 'the fence is tried on; people are told, and may promote without it',
    severity: 'critical',
  },
  'primary-returned': {
    seen: 'the old primary answers again before anything was promoted, and a replica receives from it or nobody can replace it',
    done: 'its quarantine ends and it goes on: nothing is lost',
    severity: 'warning',
  },
  'candidate-replaying': {
    seen: 'the candidate has not yet replayed all that it received, or not yet received all that the old primary has',
    done: 'nothing yet',
  },
  'candidate-unfit': {
    seen: 'the old primary is fenced, and no replica may be promoted, or RDS refuses to',
    done: 'RDS is asked again; people are told, and may accept a loss',
    severity: 'critical',
  },
  'candidate-chosen': {
    seen: 'the old primary is fenced; one replica has more than the others and is within the lag limit',
    done: 'the fork is written down, and it is promoted',
    severity: 'info',
  },
  promoting: {
    seen: 'the candidate is being promoted',
    done: 'nothing; asked for again when RDS has not heard it',
  },
  'promotion-stuck': {
    seen: 'the candidate has been asked to be promoted for ten minutes, and is not',
    done: 'it is waited for; after half an hour another replica takes its place; people may name one before',
    severity: 'critical',
  },
  'candidate-lost': {
    seen: 'the candidate died before it was the primary, or its promotion did not come about, or people have named another one',
    done: 'it is fenced as well, and another one is chosen under a new epoch',
    severity: 'critical',
  },
  opening: {
    seen: 'the promoted instance is out of recovery and has not proved a write',
    done: 'slot, sequences and the proof of a write',
  },
  'names-moving': {
    seen: 'the promoted instance has proved a write, and the names do not lead to it',
    done: 'both names are moved in one batch',
  },
  opened: {
    seen: 'the names lead to the promoted instance',
    done: 'it is the primary now; the group heals',
    severity: 'info',
  },
  'switchover-given-up': {
    seen: 'the candidate of a switchover did not get everything in time',
    done: 'the old primary goes on',
    severity: 'warning',
  },
  healing: {
    seen: 'the new primary lacks a setting or replicas, or replicas of the old one are still there',
    done: 'settings, deletions and creations, one after the other',
  },
  'healing-stalled': {
    seen: 'something has been mended for half an hour, and is not whole yet',
    done: 'it is tried on; people are told, with what the services answer',
    severity: 'warning',
  },
  'change-refused': {
    seen: 'the same change was refused five times in a row, as wrong or not allowed: asking again will not help',
    done: 'it is asked for again all the same, every few minutes; people are told, with the words of the refusal',
    severity: 'warning',
  },
  healed: {
    seen: 'the wanted replicas follow the new primary',
    done: 'the phase is steady again',
    severity: 'info',
  },
} as const satisfies Record<string, State>;

export type StateName = keyof typeof states;

export const STATES: Readonly<Record<StateName, State>> = states;
