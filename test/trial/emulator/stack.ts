/** Stacks in an emulator: made, updated, deleted, and what CloudFormation says of it. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Target, clientConfig } from '../../../trial/target';

export interface Result {
  readonly status: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** Reasons of what failed, by logical ID. */
  readonly failures: Readonly<Record<string, string>>;
}

export class Stack {
  readonly client: CloudFormationClient;

  constructor(
    target: Target,
    readonly StackName: string,
  ) {
    this.client = new CloudFormationClient(clientConfig(target));
  }

  async create(template: object): Promise<Result> {
    const { StackName } = this;
    const { StackId } = await this.client.send(
      new CreateStackCommand({ StackName, TemplateBody: JSON.stringify(template) }),
    );
    return this.done(StackId!);
  }

  async update(template: object): Promise<Result> {
    const { StackName } = this;
    const since = Date.now();
    const { StackId } = await this.client.send(
      new UpdateStackCommand({ StackName, TemplateBody: JSON.stringify(template) }),
    );
    return this.done(StackId!, since);
  }

  async delete(): Promise<Result> {
    const since = Date.now();
    const { Stacks } = await this.client.send(new DescribeStacksCommand({ StackName: this.StackName }));
    await this.client.send(new DeleteStackCommand({ StackName: this.StackName }));
    return this.done(Stacks![0]!.StackId!, since);
  }

  private async done(StackName: string, since = 0): Promise<Result> {
    for (;;) {
      const { Stacks } = await this.client.send(new DescribeStacksCommand({ StackName }));
      const [stack] = Stacks!;
      if (stack!.StackStatus!.endsWith('IN_PROGRESS')) {
        await sleep(30);
        continue;
      }
      const { StackEvents } = await this.client.send(new DescribeStackEventsCommand({ StackName }));
      const failed = StackEvents!.filter(
        ({ ResourceStatus, Timestamp }) =>
          ResourceStatus!.endsWith('_FAILED') && Number(Timestamp) >= since - 1_000,
      );
      const entries = (stack!.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!]);
      return {
        status: stack!.StackStatus!,
        outputs: Object.fromEntries(entries) as Record<string, string>,
        failures: Object.fromEntries(
          // The newest come first, and count.
          failed
            .toReversed()
            .map(({ LogicalResourceId, ResourceStatusReason }) => [LogicalResourceId, ResourceStatusReason]),
        ) as Record<string, string>,
      };
    }
  }
}
