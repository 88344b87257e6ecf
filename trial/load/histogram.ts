/**
 * Lengths of time in buckets that are 1 % wide, so that any number of them takes the same little room and each
 * percentile is right to 1 %.
 */
const GROWTH = Math.log(1.01);

/** The finest that is told apart, in milliseconds. */
const FINEST = 0.01;

export class Histogram {
  private readonly buckets = new Map<number, number>();
  private total = 0;
  private highest = 0;

  add(milliseconds: number): void {
    const bucket = Math.ceil(Math.log(Math.max(milliseconds, FINEST) / FINEST) / GROWTH);
    this.buckets.set(bucket, (this.buckets.get(bucket) ?? 0) + 1);
    this.total += 1;
    this.highest = Math.max(this.highest, milliseconds);
  }

  get count(): number {
    return this.total;
  }

  /** @returns milliseconds that `percent` of all did not exceed; undefined when there are none */
  percentile(percent: number): number | undefined {
    if (this.total === 0) return undefined;
    const wanted = Math.max(1, Math.ceil((percent / 100) * this.total));
    let seen = 0;
    for (const [bucket, count] of [...this.buckets].sort(([one], [other]) => one - other)) {
      seen += count;
      if (seen >= wanted) return Math.min(this.highest, FINEST * Math.exp(bucket * GROWTH));
    }
    return this.highest;
  }
}
