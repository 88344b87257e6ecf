import type { Policy } from '../../lambda/failover/policy';
import type { Setup } from './schedule';

export const SITE = 'site';
export const DATABASE_GROUP = 'sg-database';
export const QUARANTINE_GROUP = 'sg-quarantine';

/** The defaults of lib/settings.ts, and what a schedule sets up otherwise. */
export const policyOf = (setup: Setup): Policy => ({
  name: SITE,
  mode: setup.mode,
  probeIntervalMillis: 5_000,
  detectAfterMillis: 20_000,
  maxLagMillis: 30_000,
  fencePolicy: setup.fencePolicy,
  minimumIntervalMillis: setup.minimumIntervalMillis,
  replaceAfterMillis: 10 * 60_000,
  managedFailoverGraceMillis: 180_000,
  sequenceGap: 100_000,
  maintenanceWindow: setup.maintenanceWindow,
  backupWindow: '05:00-06:00',
  replicas: setup.replicas,
  databaseGroup: DATABASE_GROUP,
  quarantineGroup: QUARANTINE_GROUP,
  backupDays: 7,
  multiAz: setup.multiAz,
  deletionProtection: true,
});
