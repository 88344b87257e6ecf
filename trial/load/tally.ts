/** What a load has met so far, counted. */
import { Histogram } from './histogram';

export type Kind = 'reads' | 'writes';

/** Reads of one's own writes are served differently: counted by themselves, and among the reads. */
export type Purpose = 'own reads' | 'other reads' | 'writes';

export interface KindStats {
  readonly sent: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Milliseconds from the moment it was due to the end of the answer, of those that succeeded. */
  readonly p50?: number;
  readonly p95?: number;
  readonly p99?: number;
  /** The longest time without a success: from when on, in seconds of the load. */
  readonly longestGap: { readonly milliseconds: number; readonly from: number };
}

export interface LoadStats {
  /** Since it began. */
  readonly seconds: number;
  readonly reads: KindStats;
  readonly writes: KindStats;
  /** How many failed in each way: `writes: 503`. */
  readonly errors: Readonly<Record<string, number>>;
  /** Answers by server. */
  readonly servers: Readonly<Record<string, number>>;
  /** Answers by database, for each purpose. */
  readonly databases: Readonly<Record<Purpose, Readonly<Record<string, number>>>>;
  readonly ownReads: {
    /** How many writes were read back by who wrote them. */
    readonly compared: number;
    readonly stale: number;
    /** The first few, a sentence each. */
    readonly examples: readonly string[];
  };
}

/** Enough to see what they have in common. */
const EXAMPLES = 5;

class KindTally {
  sent = 0;
  failed = 0;
  private readonly latencies = new Histogram();
  private lastSuccess = 0;
  private gap = { milliseconds: 0, from: 0 };

  succeeded(milliseconds: number, at: number): void {
    this.latencies.add(milliseconds);
    this.gap = this.gapUntil(at);
    this.lastSuccess = Math.max(this.lastSuccess, at);
  }

  private gapUntil(at: number) {
    const milliseconds = at - this.lastSuccess;
    return milliseconds > this.gap.milliseconds ? { milliseconds, from: this.lastSuccess / 1000 } : this.gap;
  }

  /** @param until milliseconds of the load: the gap that lasts counts, too */
  stats(until: number): KindStats {
    const { sent, failed, latencies } = this;
    return {
      sent,
      failed,
      succeeded: latencies.count,
      p50: latencies.percentile(50),
      p95: latencies.percentile(95),
      p99: latencies.percentile(99),
      longestGap: sent === 0 ? { milliseconds: 0, from: 0 } : this.gapUntil(until),
    };
  }
}

/** All times are milliseconds since the load began. */
export class Tally {
  private readonly kinds = { reads: new KindTally(), writes: new KindTally() };
  private readonly errors: Record<string, number> = {};
  private readonly servers: Record<string, number> = {};
  private readonly databases: Record<Purpose, Record<string, number>> = {
    'own reads': {},
    'other reads': {},
    writes: {},
  };
  private compared = 0;
  private stale = 0;
  private readonly examples: string[] = [];

  sent(kind: Kind): void {
    this.kinds[kind].sent += 1;
  }

  succeeded(
    purpose: Purpose,
    due: number,
    at: number,
    by: { readonly server?: string; readonly database?: string },
  ): void {
    this.kinds[kindOf(purpose)].succeeded(at - due, at);
    increase(this.servers, by.server);
    increase(this.databases[purpose], by.database);
  }

  failed(kind: Kind, why: string): void {
    this.kinds[kind].failed += 1;
    increase(this.errors, `${kind}: ${why}`);
  }

  /** @param problem absent: it was as it should be */
  readBack(problem?: string): void {
    this.compared += 1;
    if (problem === undefined) return;
    this.stale += 1;
    if (this.examples.length < EXAMPLES) this.examples.push(problem);
  }

  stats(now: number): LoadStats {
    return {
      seconds: now / 1000,
      reads: this.kinds.reads.stats(now),
      writes: this.kinds.writes.stats(now),
      errors: { ...this.errors },
      servers: { ...this.servers },
      databases: {
        'own reads': { ...this.databases['own reads'] },
        'other reads': { ...this.databases['other reads'] },
        writes: { ...this.databases.writes },
      },
      ownReads: { compared: this.compared, stale: this.stale, examples: [...this.examples] },
    };
  }
}

export const kindOf = (purpose: Purpose): Kind => (purpose === 'writes' ? 'writes' : 'reads');

const increase = (counts: Record<string, number>, name: string | undefined) => {
  // An answer that names nobody, as that to a note which is not there, is in nobody's share.
  if (name !== undefined) counts[name] = (counts[name] ?? 0) + 1;
};
