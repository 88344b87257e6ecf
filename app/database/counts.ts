/** What the database client did since it was opened, for /whoami and for whoever looks for a cause. */
import { isIP } from 'node:net';

export interface Counts {
  /** Reads by the database that answered. */
  readonly reads: Readonly<Record<string, number>>;
  /** Attempts beyond the first, of reads and of writes. */
  readonly retries: number;
  /** Pools that were emptied because their server went, or changed its part, or the name moved. */
  readonly renewals: number;
  /** Reads that the primary served because their replica had not replayed the reader's own write. */
  readonly behind: number;
  /** Reads that the primary served because no replica could be reached. */
  readonly withoutReplica: number;
}

export type CountName = Exclude<keyof Counts, 'reads'>;

export interface Counting {
  add(name: CountName): void;
  addRead(host: string): void;
  current(): Counts;
}

export function counting(): Counting {
  const counts = { retries: 0, renewals: 0, behind: 0, withoutReplica: 0 };
  const reads: Record<string, number> = {};
  return {
    add: (name) => void counts[name]++,
    addRead(host) {
      const label = databaseLabel(host);
      reads[label] = (reads[label] ?? 0) + 1;
    },
    current: () => ({ reads: { ...reads }, ...counts }),
  };
}

/** The instance identifier, which is the first label of an RDS endpoint; an address stays as it is. */
export const databaseLabel = (host: string): string =>
  host.startsWith('/') ? 'local' : isIP(host) ? host : (host.split('.')[0] ?? host);
