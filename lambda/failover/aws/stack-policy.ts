/** Keeps deployments from acting on the wrong database while the names are not the usual ones. */
import { CloudFormationClient, SetStackPolicyCommand } from '@aws-sdk/client-cloudformation';
import type { StackPort } from '../ports';
import { rareClientLimits, once } from './call';

export const cloudFormationClient = (region: string): CloudFormationClient =>
  new CloudFormationClient(rareClientLimits(region));

const statement = (Effect: 'Allow' | 'Deny', more: object = {}) => ({
  Effect,
  Action: 'Update:*',
  Principal: '*',
  Resource: '*',
  ...more,
});

/**
 * A policy, once set, cannot be taken away, but it may allow everything; without a word for a resource it denies (user
 * guide, "Prevent updates to stack resources"). Deletion of the stack heeds no policy.
 */
export const stackPolicy = (updates: 'allowed' | 'denied'): string =>
  JSON.stringify({
    Statement: [
      statement('Allow'),
      ...(updates === 'denied'
        ? [statement('Deny', { Condition: { StringEquals: { ResourceType: ['AWS::RDS::DBInstance'] } } })]
        : []),
    ],
  });

/** @param stack name or ARN */
export const stackFor = (client: CloudFormationClient, stack: string): StackPort => ({
  async setPolicy(updates) {
    const command = new SetStackPolicyCommand({ StackName: stack, StackPolicyBody: stackPolicy(updates) });
    await once('cloudformation SetStackPolicy', (options) => client.send(command, options));
  },
});
