/**
 * Runs as a custom resource of the operations stack, the last that is deployed: until then nothing is protected, so that
 * a first deployment that fails can be taken back (docs/decisions/0010-protection-last.md).
 *
 * A deletion changes nothing. The stack cannot be deleted while the setting is on; whoever forces it keeps databases and
 * load balancer. It is the first of the site's to go, and refuses while the rest may not follow (may-go.ts).
 */
import {
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeDBInstancesCommand, ModifyDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { createLog } from '../../app/log';
import { answered } from '../custom-resource/answered';
import type { CustomResourceRequest } from '../custom-resource/respond';
import { mayGo } from './may-go';
import type { ProtectProperties } from './properties';
import { protect } from './protect';

const log = createLog('info');

/** With the pauses between them half of the function's time. */
const TRIES = 15;

/** @throws Error only when CloudFormation does not take the answer */
export async function handler(request: CustomResourceRequest): Promise<void> {
  const isDeletion = request.RequestType === 'Delete';
  const purpose = isDeletion ? 'The deletion' : 'The change of the deletion protection';
  const properties = request.ResourceProperties as ProtectProperties;
  const rds = new RDSClient({});
  await answered(request, { physicalId: 'protection', purpose, log }, async () => {
    if (isDeletion) {
      await mayGo(properties.Replicas ?? [], {
        log,
        describe: async (DBInstanceIdentifier) =>
          (await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }))).DBInstances?.[0],
      });
      return;
    }
    const balancing = new ElasticLoadBalancingV2Client({});
    await protect(
      properties,
      {
        log,
        // Applied at once, whatever ApplyImmediately says (RDS guide, "Settings for DB instances").
        protectDatabase: async (DBInstanceIdentifier, DeletionProtection) => {
          await rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, DeletionProtection }));
        },
        protectLoadBalancer: async (LoadBalancerArn, on) => {
          const Attributes = [{ Key: 'deletion_protection.enabled', Value: String(on) }];
          await balancing.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes }));
        },
      },
      TRIES,
    );
  });
}
