/** `cdk deploy` at a bad moment. */
import type { ModifyDBInstanceMessage } from '@aws-sdk/client-rds';
import { RdsError } from '../rds/model/errors';
import { DATABASE_GROUP, SITE } from './policy';
import type { Deployment } from './schedule';
import type { World } from './world';

/**
 * CloudFormation updates the databases that the template names, by their identifiers: what the template changed, and
 * nothing else. The names' records are not in it: no change of the template concerns them.
 */
export function deploy(world: World, of: Deployment): void {
  if (world.stackPolicy === 'denied') return world.note('the stack policy refuses the deployment');
  const names = [
    'primary',
    ...Array.from({ length: world.schedule.setup.replicas }, (_, i) => `replica-${i + 1}`),
  ];
  for (const name of names) {
    const DBInstanceIdentifier = `${SITE}-${name}`;
    const changes = changesOf(of, name === 'primary');
    if (!changes) continue;
    world.model.call('ModifyDBInstance', { DBInstanceIdentifier, ...changes }).then(
      () => world.note(`CloudFormation changes the ${of} of ${DBInstanceIdentifier}`),
      (error: unknown) => {
        if (!(error instanceof RdsError)) throw error;
        world.note(`RDS refuses CloudFormation ${DBInstanceIdentifier}: ${error.code}`);
      },
    );
  }
}

function changesOf(of: Deployment, isPrimary: boolean): Partial<ModifyDBInstanceMessage> | undefined {
  switch (of) {
    case 'class':
      // Without ApplyImmediately it would wait for RDS's own window; CloudFormation sends it.
      return { DBInstanceClass: 'db.t4g.small', ApplyImmediately: true };
    case 'security groups':
      return { VpcSecurityGroupIds: [DATABASE_GROUP], ApplyImmediately: true };
    case 'backups':
      return isPrimary ? { BackupRetentionPeriod: 9, ApplyImmediately: true } : undefined;
  }
}
