import { Duration } from 'aws-cdk-lib';
import { Connections, type IVpc, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { SecretRotation, SecretRotationApplication } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct, IConstruct } from 'constructs';
import { acknowledge } from '../acknowledge';
import { DATABASE_PORT } from '../network/security-groups';
import type { NetworkStack } from '../network-stack';
import type { Settings } from '../settings';
import type { Databases } from './databases';
import type { Roles } from './roles';

export interface RotationProps {
  readonly settings: Settings;
  readonly vpc: IVpc;
  readonly network: NetworkStack;
  readonly databases: Databases;
  readonly roles: Roles;
}

/** Changes every password each `database.secretRotationDays`, by the functions that AWS publishes for PostgreSQL. */
export function rotatePasswords(scope: Construct, props: RotationProps): void {
  const { settings, vpc, network, databases, roles } = props;
  const days = settings.database.secretRotationDays;
  if (days === 0) return;

  // The network stack has the rule already (lib/network/security-groups.ts); another one here would make the two
  // stacks depend on each other.
  const target = new Connections({
    defaultPort: Port.tcp(DATABASE_PORT),
    securityGroups: [
      SecurityGroup.fromSecurityGroupId(
        scope,
        'RotationTarget',
        network.securityGroups.database!.securityGroupId,
        { mutable: false },
      ),
    ],
  });
  const secrets = {
    Master: databases.primary.secret!,
    Writer: roles.secrets.writer,
    Reader: roles.secrets.reader,
    Controller: roles.secrets.controller,
    Recovery: roles.secrets.recovery,
  };
  for (const [name, secret] of Object.entries(secrets)) {
    new SecretRotation(scope, `Rotate${name}`, {
      secret,
      target,
      application: SecretRotationApplication.POSTGRES_ROTATION_SINGLE_USER,
      automaticallyAfter: Duration.days(days),
      // A new password must not keep a hand that is not there from signing in: rotate in the window, not at once.
      rotateImmediatelyOnUpdate: false,
      vpc,
      vpcSubnets: { subnetGroupName: 'web' },
      securityGroup: network.securityGroups.rotation!,
    });
  }
}

/** What scanners say of a secret of the databases, and why it stands. */
export function acknowledgeSecret(secret: IConstruct, { database }: Settings): void {
  const rotation = 'SECRETSMANAGER_ROTATION_ENABLED_CHECK';
  if (database.secretRotationDays === 0) {
    acknowledge(secret, ['SMG4', rotation], 'The setting database.secretRotationDays is 0.');
  } else {
    acknowledge(
      secret,
      rotation,
      'It is rotated by its attachment to the primary; the rule looks for the secret alone.',
    );
  }
  acknowledge(
    secret,
    ['CKV_AWS_149', 'SECRETSMANAGER_USING_CMK'],
    'It is encrypted by the key that Secrets Manager keeps: whoever may read the secret is said where it is granted.',
  );
}
