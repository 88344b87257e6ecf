/** The write-ahead log, record by record. Servers that share a history share its records. */
import type { Heartbeat } from '../../lambda/failover/observation';

export interface WalRecord {
  /** Where it ends: bytes from the beginning. */
  readonly lsn: number;
  readonly at: number;
  /** For how long its server had worked by then, in milliseconds: time in which it was away is nobody's lag. */
  readonly worked: number;
  readonly kind: 'write' | 'heartbeat' | 'other';
  /** Of a write: its row. */
  readonly row?: Row;
  /** What the tables hold after it. */
  readonly heartbeat: Heartbeat;
  readonly nextKey: number;
  readonly nextXid: number;
}

/** What a client inserted. */
export interface Row {
  /** Given out by the sequence of the server that took it. */
  readonly key: number;
  readonly client: string;
  /** The resource id of the server. */
  readonly server: string;
  readonly timeline: Timeline;
  readonly lsn: number;
  readonly at: number;
  acknowledged: boolean;
}

/** A history: that of its parent up to `forkedAt`, then its own. Exactly one server appends to it. */
export class Timeline {
  private readonly own: WalRecord[] = [];

  constructor(
    readonly id: number,
    first: WalRecord,
    readonly parent?: Timeline,
    /** How many records of the parent it has. */
    readonly forkedAt = 0,
  ) {
    this.own.push(first);
  }

  get length(): number {
    return this.forkedAt + this.own.length;
  }

  /** Record `index`, from 0. */
  at(index: number): WalRecord {
    return index < this.forkedAt ? this.parent!.at(index) : this.own[index - this.forkedAt]!;
  }

  get last(): WalRecord {
    return this.own.at(-1)!;
  }

  append(record: WalRecord): void {
    this.own.push(record);
  }

  /** Whether a row of `timeline` that ends at `lsn` is in this history's first `length` records. */
  has(row: Pick<Row, 'timeline' | 'lsn'>, length = this.length): boolean {
    if (row.timeline === this) return length > 0 && row.lsn <= this.at(length - 1).lsn;
    return this.parent?.has(row, Math.min(length, this.forkedAt)) ?? false;
  }
}

/** `16/B374D848` */
export const lsnText = (lsn: number): string =>
  `${Math.floor(lsn / 2 ** 32).toString(16)}/${(lsn % 2 ** 32).toString(16)}`.toUpperCase();

export function lsnNumber(text: string): number {
  const [high = '0', low = '0'] = text.split('/');
  return Number.parseInt(high, 16) * 2 ** 32 + Number.parseInt(low, 16);
}
