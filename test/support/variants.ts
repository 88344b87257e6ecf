import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { STAGES } from '../../lib/stage';

/** A site as somebody may set it. */
export interface Variant {
  readonly name: string;
  readonly settings: object;
  /** What else the CDK is told, as by `-c`. */
  readonly context?: Record<string, unknown>;
}

const { environments } = JSON.parse(readFileSync(join(__dirname, '../../cdk.json'), 'utf8')).context;

/** Every stage in every environment of cdk.json, and in none. */
export const STAGES_IN_ENVIRONMENTS: readonly Variant[] = STAGES.flatMap((stage) => [
  { name: stage, settings: { stage } },
  ...Object.keys(environments).map((env) => ({
    name: `${stage} of ${env}`,
    settings: { stage },
    context: { env, environments },
  })),
]);

/** Settings that bring in what the defaults leave out. */
export const OPTIONS: readonly Variant[] = [
  {
    name: 'replicated, all options on',
    settings: {
      site: { zoneName: 'mysite.com', hostedZoneId: 'Z0123456789', takeOverRecord: true },
      network: { zones: 3, natGateways: 3 },
      database: { multiAz: true, secretRotationDays: 30, replicas: 3 },
      alarms: { email: 'someone@mysite.com' },
      logs: { days: 365 },
    },
  },
  {
    name: 'replicated, all options off',
    settings: {
      site: {},
      database: { deletionProtection: false, replicas: 1 },
      server: { keepVolume: false },
    },
  },
  { name: 'replicated, not watched', settings: { failover: { mode: 'off' } } },
  {
    name: 'load-balanced, without backups',
    settings: { stage: 'load-balanced', database: { backupDays: 0 } },
  },
  {
    name: 'split-database, rotation without a NAT gateway',
    settings: { stage: 'split-database', database: { secretRotationDays: 30 } },
  },
];
