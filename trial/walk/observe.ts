import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { TrialFailure } from '../failure';
import { type Target, clientConfig } from '../target';
import type { Facts } from './facts';
import { observeDatabases, observeSecrets } from './observe-data';
import { observeZones } from './observe-names';
import { observeNetwork } from './observe-network';
import { observeLoadBalancers, observeServers } from './observe-web';

/**
 * Asks the target's APIs for all that the walk looks at.
 *
 * @param webStack name of the stack with the outputs `SiteUrl` and `Stage`
 */
export async function observe(target: Target, webStack: string): Promise<Facts> {
  const [site, zones, network, balancers, servers, secrets, databases] = await Promise.all([
    observeSite(target, webStack),
    observeZones(target),
    observeNetwork(target),
    observeLoadBalancers(target),
    observeServers(target),
    observeSecrets(target),
    observeDatabases(target),
  ]);
  return { site, zones, ...network, ...balancers, ...servers, secrets, databases };
}

async function observeSite(target: Target, webStack: string): Promise<Facts['site']> {
  const client = new CloudFormationClient(clientConfig(target));
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: webStack }));
  const output = (name: string) => {
    const value = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === name)?.OutputValue;
    if (!value)
      throw new TrialFailure(
        `The stack ${webStack} has no output ${name}: was it deployed by another version?`,
      );
    return value;
  };
  return { url: output('SiteUrl'), stage: output('Stage') };
}
