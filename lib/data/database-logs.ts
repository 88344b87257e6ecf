import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledgeLogGroup } from '../acknowledge-log-group';
import type { Settings } from '../settings';
import { partsOf } from '../stage';

/** What RDS for PostgreSQL can send to CloudWatch Logs. */
export const LOG_EXPORTS = ['postgresql', 'upgrade'];

/**
 * Names that replicas may have, by number: as many as the setting allows, as many again that replace them after a failover
 * while the former ones still stand, and one for the promoted one's place. The failover controller takes the lowest that is
 * free (lambda/failover/decide/replicas.ts, freeName).
 */
const REPLICA_NAMES = 2 * 15 + 1;

/** Old primaries are named after their epoch; each failover begins one (lambda/failover/decide/naming.ts). */
const RETIRED_NAMES = 20;

/**
 * The log groups of every name that a database may ever have, with the retention of the settings. RDS would make a group
 * itself as soon as it has no such, keep what is in it for ever, and a later deployment would fail as it exists already: so
 * all are made at once, whatever `database.replicas` says. An empty group costs nothing.
 */
export class DatabaseLogs extends Construct {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const { name, stage, logs } = settings;
    const numbered = (role: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${role}-${index + 1}`);
    const names = partsOf(stage).replicas
      ? ['primary', ...numbered('replica', REPLICA_NAMES), ...numbered('retired', RETIRED_NAMES)]
      : ['primary'];
    for (const each of names) {
      for (const kind of LOG_EXPORTS) {
        const group = new LogGroup(this, `${each}-${kind}`, {
          logGroupName: `/aws/rds/instance/${name}-${each}/${kind}`,
          retention: logs.days,
          removalPolicy: RemovalPolicy.DESTROY,
        });
        acknowledgeLogGroup(group, settings);
      }
    }
  }
}
