import { CfnSecurityGroupIngress } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';
import { PUBLIC_DOOR } from '../network/security-groups';
import type { NetworkStack } from '../network-stack';
import type { Settings } from '../settings';

export interface DoorsProps {
  readonly settings: Settings;
  readonly network: NetworkStack;
}

/**
 * The way of the world to the lone server, on ports 80 and 443. They stand in this stack and not with their group in the
 * network's: they go in the same deployment as the server, and after it (docs/decisions/0011-no-dark-step.md).
 */
export class Doors extends Construct {
  constructor(scope: Construct, id: string, { settings, network }: DoorsProps) {
    super(scope, id);
    // Port 80 answers with a redirect, and to the challenges of the certificate authority.
    const doors = { Http: 80, ...(settings.site.https && { Https: 443 }) };
    for (const [name, port] of Object.entries(doors)) {
      const door = new CfnSecurityGroupIngress(this, name, {
        groupId: network.securityGroups.web.securityGroupId,
        cidrIp: '0.0.0.0/0',
        ipProtocol: 'tcp',
        fromPort: port,
        toPort: port,
        description: name.toUpperCase(),
      });
      acknowledge(
        door,
        port === 80 ? [...PUBLIC_DOOR, 'CKV_AWS_260'] : PUBLIC_DOOR,
        'It is the public door of a public web site, on ports 80 and 443 only.',
      );
    }
  }
}
