import {
  CreateStackCommand,
  CloudFormationClient,
  DescribeStacksCommand,
  SignalResourceCommand,
} from '@aws-sdk/client-cloudformation';
import { startEmulator } from '../../../trial/emulator/start';
import { Processes } from '../../../trial/processes';
import { clientConfig, TRIAL_ACCOUNT } from '../../../trial/target';

jest.setTimeout(60_000);
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const processes = new Processes();
afterAll(() => processes.endAll());

test('the CDK CLI gets the answer once the stack has changed; whoever else asks, and for all stacks, at once', async () => {
  const { endpoint } = await startEmulator(processes);
  const config = clientConfig({ endpoint, region: 'eu-central-1', account: TRIAL_ACCOUNT });
  const client = new CloudFormationClient(config);
  const cli = new CloudFormationClient({ ...config, customUserAgent: 'aws-cdk/2.1000.0' });
  const statusOf = async (asks: CloudFormationClient, StackName?: string) => {
    const { Stacks } = await asks.send(new DescribeStacksCommand({ StackName }));
    return Stacks![0]!.StackStatus;
  };
  const awaits = {
    Type: 'AWS::CloudFormation::WaitCondition',
    CreationPolicy: { ResourceSignal: { Count: 1, Timeout: 'PT5M' } },
  };
  const StackName = 'Web';
  const TemplateBody = JSON.stringify({ Resources: { Awaited: awaits } });
  const { StackId } = await client.send(new CreateStackCommand({ StackName, TemplateBody }));

  const answers = [statusOf(cli, StackName), statusOf(cli, StackId)];
  expect(await statusOf(cli)).toBe('CREATE_IN_PROGRESS');
  expect(await statusOf(client, StackName)).toBe('CREATE_IN_PROGRESS');
  const signal = { StackName, LogicalResourceId: 'Awaited', UniqueId: 'one', Status: 'SUCCESS' } as const;
  await client.send(new SignalResourceCommand(signal));
  expect(await Promise.all(answers)).toEqual(['CREATE_COMPLETE', 'CREATE_COMPLETE']);
});
