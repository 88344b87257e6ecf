/** What the stack with the databases tells of itself, and clients for its account. */
import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { Failure } from '../../lib/terminal/failure';
import { explained } from './explain';
import type { Site } from './site';

/** As with the trial's own clients: emulators take the account from the access key id, and check no secret. */
export const clientFor = ({ region, trial }: Site) => ({
  region,
  ...(trial && {
    endpoint: trial.endpoint,
    credentials: { accessKeyId: trial.account, secretAccessKey: 'trial' },
  }),
});

export interface FoundStack {
  /** By name; what is empty is not there. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What has been looked up once, perhaps by a program that asks for a password, is not looked up again. */
  readonly credentials: CloudFormationClient['config']['credentials'];
}

/** @throws Failure with one sentence */
export async function findStack(site: Site): Promise<FoundStack> {
  const client = new CloudFormationClient({ ...clientFor(site), maxAttempts: 3 });
  try {
    const { Stacks = [] } = await explained(site, `read stack ${site.stack}`, () =>
      client.send(new DescribeStacksCommand({ StackName: site.stack })),
    );
    const [stack] = Stacks;
    if (stack) checkAccount(stack, site);
    const outputs = Object.fromEntries(
      (stack?.Outputs ?? []).flatMap(({ OutputKey, OutputValue }) =>
        OutputKey && OutputValue ? [[OutputKey, OutputValue]] : [],
      ),
    );
    return { outputs, credentials: client.config.credentials };
  } finally {
    client.destroy();
  }
}

/** `arn:aws:cloudformation:REGION:ACCOUNT:stack/…` */
function checkAccount({ StackId, StackName }: Stack, { settings, trial }: Site): void {
  const account = StackId?.split(':')[4];
  if (trial || settings.account === undefined || !account || account === settings.account) return;
  throw new Failure(
    `The credentials are those of account ${account}, and the settings want ${settings.account}: ${StackName} of the wrong account is left alone. Take other credentials.`,
  );
}
