import type { Row } from './wal';

/** What clients were told, and what they could not do. */
export class Ledger {
  /** Every acknowledged write, in order. */
  readonly rows: Row[] = [];
  /** By key: one key belongs to one write. */
  readonly byKey = new Map<number, Row>();
  writesFailed = 0;
  reads = 0;
  readsFailed = 0;

  wrote(row: Row): void {
    this.rows.push(row);
  }
}
