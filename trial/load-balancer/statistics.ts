/** What has been answered of late, for the view and for scaling. */

export interface Served {
  /** Milliseconds, of any steady clock. */
  readonly at: number;
  /** Instance id; absent: no target had it. */
  readonly target?: string;
  /** 460: the client left before it was answered, as in a load balancer's access log. */
  readonly status: number;
  readonly millis: number;
}

export interface Access {
  /** Over the last ten seconds. */
  readonly requestsPerSecond: number;
  /** Of the last minute, by `2xx`, `5xx`, …; of the balancer's own answers too. */
  readonly statusClasses: Readonly<{ [statusClass: string]: number }>;
  /** Of the last minute, in milliseconds; absent without requests. */
  readonly latencyMillis?: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** Since the start. */
  readonly total: number;
}

const WINDOW_MILLIS = 60_000;
const RATE_MILLIS = 10_000;
/** More than that a minute are counted, but their latencies are not kept. */
const MOST_RECORDS = 50_000;

export class Statistics {
  private records: Served[] = [];
  private total = 0;

  add(record: Served): void {
    this.total += 1;
    this.records.push(record);
    if (this.records.length > 2 * MOST_RECORDS) this.records = this.records.slice(-MOST_RECORDS);
  }

  /** @param now of the records' clock */
  access(now: number): Access {
    this.records = this.records.filter(({ at }) => now - at < WINDOW_MILLIS);
    const statusClasses: { [statusClass: string]: number } = {};
    for (const { status } of this.records) {
      const name = `${Math.floor(status / 100)}xx`;
      statusClasses[name] = (statusClasses[name] ?? 0) + 1;
    }
    const recent = this.records.filter(({ at }) => now - at < RATE_MILLIS).length;
    const sorted = this.records.map(({ millis }) => millis).sort((a, b) => a - b);
    const at = (part: number) => sorted[Math.ceil(part * sorted.length) - 1]!;
    return {
      requestsPerSecond: recent / (RATE_MILLIS / 1000),
      statusClasses,
      ...(sorted.length > 0 && { latencyMillis: { p50: at(0.5), p95: at(0.95), p99: at(0.99) } }),
      total: this.total,
    };
  }
}
