import type { Instance } from './state';

/** `rds:<identifier>-2026-11-22-13-36`, as RDS names automated snapshots. */
export const snapshotName = ({ identifier }: Pick<Instance, 'identifier'>, now: number): string =>
  `rds:${identifier}-${new Date(now).toISOString().slice(0, 16).replace(/[T:]/g, '-')}`;
