import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { RETIRED_NAMES, replicaNames } from '../../lambda/failover/instance-names';
import { acknowledgeLogGroup } from '../acknowledge-log-group';
import type { Settings } from '../settings';
import { partsOf } from '../stage';

/** What RDS for PostgreSQL can send to CloudWatch Logs. */
export const LOG_EXPORTS = ['postgresql', 'upgrade'];

/**
 * The log groups of every name that the failover controller may give to a database, with the retention of the settings. RDS
 * makes a group that is not there by itself, keeps what is in it for ever, and a deployment that makes it later fails, as
 * it exists already. So all are made at once, and more replicas (`database.replicas`) only bring names that nobody has
 * had. An empty group costs nothing.
 */
export class DatabaseLogs extends Construct {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const { name, stage, database, logs } = settings;
    const numbered = (role: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${role}-${index + 1}`);
    const names = partsOf(stage).replicas
      ? [
          'primary',
          ...numbered('replica', replicaNames(database.replicas)),
          ...numbered('retired', RETIRED_NAMES),
        ]
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
