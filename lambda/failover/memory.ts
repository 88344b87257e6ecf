/**
 * What the controller must know of earlier rounds: kept in the journal, so that any other run can go on. Everything
 * else it sees anew. JSON; times are milliseconds since 1970 by the controller's clock.
 */
import type { Lsn } from './lsn';
import type { Outcome } from './ports';
import type { StateName } from './states';

export type Phase = 'steady' | 'fencing' | 'promoting' | 'opening' | 'healing';

export interface Memory {
  readonly phase: Phase;
  /** One more with each candidate that may be promoted; also in the heartbeat of the primary. */
  readonly epoch: number;
  /** Resource id of the instance that takes the writes. */
  readonly primary: string;
  /**
   * The newest heartbeat that was seen on the primary, and the one before it: what lag is measured against. And when the
   * newest was seen, by the controller's clock: what the primary has done since is not measured.
   */
  readonly beat?: { readonly last: number; readonly before: number; readonly seenAt?: number };
  /** Of the history that the primary was seen to write last: who is of another one is not fit to take its place. */
  readonly history?: History;
  readonly suspicion?: Suspicion;
  /** First look without a sign of the primary's life since the last one, also on hold: it may have worked until then. */
  readonly quietSince?: number;
  /** Only while one is under way. */
  readonly failover?: Failover;
  /** Old primaries that are still there, in quarantine. */
  readonly retired: readonly Retired[];
  /** Of promotions at which something may have been lost, the newest last: also when the old primary is gone. */
  readonly forks?: readonly Fork[];
  /** Who was well and is not any more, by resource id: who comes and goes is seen by it. */
  readonly steadiness?: Readonly<Record<string, Steadiness>>;
  /** Since when each replica has been unfit, by resource id. */
  readonly unfitSince: Readonly<Record<string, number>>;
  /** Since when there has been one replica too many. */
  readonly excessSince?: number;
  /** Since when something has been mended without a word to anybody, in one piece. */
  readonly healingSince?: number;
  /** Keys of the changes that were written down with this memory: what became of them is written with the next. */
  readonly inFlight: readonly string[];
  /** Replicas that were asked for and may not be seen yet, by identifier. */
  readonly creating: Readonly<Record<string, number>>;
  /** Calls that failed, by the key of their action. */
  readonly backoff: Readonly<Record<string, Backoff>>;
  /** When the last automatic failover promoted, and whether a human has said that another one may follow. */
  readonly lastFailover?: { readonly at: number; readonly acknowledged: boolean };
  /** When a primary came back before anything was promoted: the next time it is not waited for. */
  readonly lastReturn?: number;
  /** The usual names are being given back. */
  readonly naming?: {
    readonly since: number;
    readonly by: string;
    /** When the primary was last asked to take its usual name: it is out of reach for a while. */
    readonly primaryAt?: number;
  };
  /** Multi-AZ that was asked for and is not there yet: how often RDS has accepted it, and when it did last. */
  readonly standby?: { readonly asked: number; readonly at: number };
  /** Whether deployments may touch the database instances now. */
  readonly stackPolicy: 'open' | 'closed';
  /** What was last decided, for people. */
  readonly state?: { readonly name: StateName; readonly since: number; readonly reasons: readonly string[] };
  /** Of the last command of a human. */
  readonly answer?: Answer;
  /** What the last round saw, for people: `npm run failover -- status`. */
  readonly seen?: readonly Summary[];
  /** Instances as they were called, by identifier and resource id, and when that was over: for some minutes. */
  readonly past?: Readonly<Record<string, number>>;
  /** When the last round was decided, also one that saw nothing: the controller's sign of life, for people. */
  readonly roundAt?: number;
  /** The stack is being deleted: nothing more is done. */
  readonly closed?: boolean;
}

/** A change that did not come about, and is still wanted. */
export interface Backoff {
  /** In a row, whatever their outcomes were. */
  readonly failures: number;
  /** It is not asked for again before. */
  readonly notBefore: number;
  /** The last failure. @default - it was remembered by a version that did not know this */
  readonly last?: Refusal;
}

export interface Refusal {
  readonly outcome: Outcome;
  /** How often in a row the outcome was this one, and since when; of a refusal also across what was not heard. */
  readonly times: number;
  readonly since: number;
  /** In the words of who refused. */
  readonly said: string;
}

export interface Steadiness {
  /** When it ceased to be well: the last few. */
  readonly falls: readonly number[];
  /** Since when it has been well without a pause. */
  readonly wellSince?: number;
  readonly isFlapping?: boolean;
}

export interface History {
  readonly system: string;
  readonly timeline: number;
}

export interface Suspicion {
  /** First and latest look that failed, without a good one in between. */
  readonly since: number;
  readonly last: number;
  readonly probes: number;
  /**
   * Since when, in how many looks, nobody has shown a sign of its life: it has not answered anything, and no replica that
   * could tell receives from it. Each sign of life begins it anew.
   */
  readonly silence?: { readonly since: number; readonly probes: number };
  /** Since when in this silence RDS has been seen at work on it. */
  readonly careSince?: number;
}

export interface Failover {
  readonly kind: 'automatic' | 'switchover' | 'promote';
  /** Who asked for it, or `controller`. */
  readonly by: string;
  readonly from: string;
  /** When the primary was first missed, and when it was decided. */
  readonly suspectedAt?: number;
  /** First look without a sign of the old primary's life, before anybody had fenced it: it may have worked until then. */
  readonly silentFrom?: number;
  readonly decidedAt: number;
  /** From when on its time limits count, when not from the decision: a hold, or the loss of a candidate. */
  readonly limitsFrom?: number;
  /** Who must be fenced before anybody is promoted: the old primary, and candidates that were lost. */
  readonly fence: Readonly<Record<string, FenceProgress>>;
  /** The candidate had all that the old primary had: seen after the fence, when the old one could be asked. */
  readonly nothingLost?: boolean;
  /** When the last of them was shown to be fenced. */
  readonly fencedAt?: number;
  /** A human's word that stands in for evidence, with the reason given. */
  readonly override?: {
    readonly fence: boolean;
    readonly lag: boolean;
    readonly by: string;
    readonly why: string;
  };
  /** Resource id of who shall be promoted, once chosen (or named by a human). */
  readonly candidate?: string;
  /** A human has named the candidate. */
  readonly isNamed?: boolean;
  /** Who was last asked to be promoted under this epoch: one that RDS refuses is passed over. */
  readonly asked?: string;
  /** RDS has taken that call. */
  readonly isAccepted?: boolean;
  readonly fork?: Fork;
  /** When the promotion of this candidate was asked for last, and first. */
  readonly promoteAskedAt?: number;
  readonly promotionSince?: number;
  readonly promotedAt?: number;
  /** Since when the candidate has not answered, after it was asked to be promoted. */
  readonly silentSince?: number;
  /** When names were first moved to the candidate: from then on clients may have written to it. */
  readonly namesAskedAt?: number;
  /** Candidates that were lost after that, by resource id: what they hold is recovered as the old primary's is. */
  readonly served?: Readonly<Record<string, Fork>>;
  readonly openedAt?: number;
  /** Replicas of the old primary: none can follow the new one. */
  readonly siblings: readonly string[];
}

export interface FenceProgress {
  /** RDS has not shown the instance since: one answer without it is no proof. */
  readonly goneSince?: number;
  /** When the quarantine group was last asked for. */
  readonly groupsAskedAt?: number;
  /** First time that RDS said the quarantine group is the only one, in force. */
  readonly inForceAt?: number;
  /** `startedAt` of the server then, when it was reached: another one later shows the restart. */
  readonly startedAt?: number;
  /** When the restart was last asked for: whatever became of that. */
  readonly rebootAskedAt?: number;
  /** First time that RDS showed it `rebooting` after it had accepted a restart of ours. */
  readonly rebootBegunAt?: number;
  /** Looks in a row since `inForceAt` in which nobody listened. */
  readonly refusals?: number;
  readonly verifiedAt?: number;
  /** What shows it: a sentence. */
  readonly evidence?: string;
}

/** Where the new primary's history leaves the old one's. Taken before the promotion. */
export interface Fork {
  readonly epoch: number;
  /** Resource ids. */
  readonly from: string;
  readonly to: string;
  readonly lsn: Lsn;
  readonly snapshot: string;
  readonly timeline: number;
  readonly system: string;
  readonly heartbeatAt: number;
  readonly at: number;
}

export interface Retired {
  readonly resourceId: string;
  readonly epoch: number;
  /** Absent for a candidate that was lost: no client ever wrote to it. */
  readonly fork?: Fork;
  /** `needed` until recovery has finished or a human has waived it; `nothing lost` after a switchover. */
  readonly recovery: 'needed' | 'done' | 'waived' | 'nothing lost';
  readonly since: number;
  /** Of one that nobody had shown to be fenced when another was promoted: that goes on. */
  readonly fence?: FenceProgress;
  /** When recovery was done or waived. */
  readonly decidedAt?: number;
  /** RDS has not shown it since: one answer without it is no proof that it is gone. */
  readonly goneSince?: number;
  readonly why?: string;
}

export interface Answer {
  readonly command: string;
  readonly outcome: 'accepted' | 'refused' | 'done';
  readonly sentence: string;
  readonly at: number;
}

/** An instance in a line. */
export interface Summary {
  readonly resourceId: string;
  readonly identifier: string;
  readonly role: 'primary' | 'replica' | 'candidate' | 'retired' | 'orphan';
  readonly status: string;
  readonly reached: boolean;
  readonly fit: boolean;
  /** Why it is not. */
  readonly why?: string;
  readonly received?: Lsn;
  readonly lagMillis?: number;
  readonly readerWeight?: number;
}
