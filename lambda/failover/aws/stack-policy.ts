/** Keeps deployments from acting on the wrong database while the names are not the usual ones. */
import {
  CloudFormationClient,
  DescribeStacksCommand,
  SetStackPolicyCommand,
} from '@aws-sdk/client-cloudformation';
import { CallFailed, type StackPort } from '../ports';
import { once, patiently, rareClientLimits } from './call';

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

/** A stack whose creation failed goes as well. */
const GOING = ['DELETE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS'];

/**
 * Never in the middle of an update: no page of AWS says whether CloudFormation takes a policy then, and if so, for which of
 * the resources that are still to come. `UPDATE_COMPLETE_CLEANUP_IN_PROGRESS` still deletes. A stack that goes heeds none.
 *
 * @param stack name or ARN
 */
export const stackFor = (client: CloudFormationClient, stack: string): StackPort => ({
  async setPolicy(updates) {
    const status = await statusOf(client, stack);
    if (status.endsWith('_IN_PROGRESS') && !GOING.includes(status)) {
      throw new CallFailed(
        'wrong-state',
        `cloudformation SetStackPolicy: wrong-state: the stack is ${status}`,
      );
    }
    const command = new SetStackPolicyCommand({ StackName: stack, StackPolicyBody: stackPolicy(updates) });
    await once('cloudformation SetStackPolicy', (options) => client.send(command, options));
  },
});

/**
 * Whether the stack is being deleted, and does not only lose a resource.
 * @throws CallFailed
 */
export const isGoing = async (client: CloudFormationClient, stack: string): Promise<boolean> =>
  GOING.includes(await statusOf(client, stack));

async function statusOf(client: CloudFormationClient, stack: string): Promise<string> {
  const command = new DescribeStacksCommand({ StackName: stack });
  const { Stacks } = await patiently('cloudformation DescribeStacks', (options) =>
    client.send(command, options),
  );
  return Stacks?.[0]?.StackStatus ?? '';
}
