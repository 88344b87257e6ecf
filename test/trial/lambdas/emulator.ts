/** The emulator as the trial starts it, with functions forwarded to a runner. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { join, resolve } from 'node:path';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Processes } from '../../../trial/processes';
import { TRIAL_ACCOUNT, type Target, clientConfig, plainEnvironment } from '../../../trial/target';
import { venvProgram } from '../../support/venv';

const TRIAL = resolve(__dirname, '../../../trial');

const PROGRAM = `
import runpy, sys
sys.path[:0] = [${JSON.stringify(join(TRIAL, 'emulator'))}, ${JSON.stringify(join(TRIAL, 'lambdas'))}]
import forward
forward.install()
sys.argv = ["serve.py", sys.argv[1]]
runpy.run_path(${JSON.stringify(join(TRIAL, 'emulator/serve.py'))}, run_name="__main__")
`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** @param variables for forward.py */
export async function startEmulatorWith(
  processes: Processes,
  variables: Record<string, string>,
): Promise<Target> {
  const port = String(await freePort());
  processes.start(venvProgram('python'), ['-B', '-c', PROGRAM, port], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {
      ...plainEnvironment(process.env),
      MINISTACK_ACCOUNT_ID: TRIAL_ACCOUNT,
      // forward.py is loaded before serve.py sets them.
      GATEWAY_PORT: port,
      EDGE_PORT: port,
      LOG_LEVEL: 'WARNING',
      ...variables,
    },
  });
  const endpoint = `http://localhost:${port}`;
  for (const end = Date.now() + 30_000; ; await sleep(50)) {
    const answer = await fetch(`${endpoint}/_ministack/health`).catch(() => undefined);
    if (answer?.ok) return { endpoint, region: 'eu-central-1', account: TRIAL_ACCOUNT };
    if (Date.now() > end) throw new Error('The emulator did not start');
  }
}

/** Deploys a template and waits for it. @returns the stack's status and outputs */
export async function deploy(target: Target, StackName: string, template: object) {
  const client = new CloudFormationClient(clientConfig(target));
  await client.send(
    new CreateStackCommand({
      StackName,
      TemplateBody: JSON.stringify(template),
      Capabilities: ['CAPABILITY_IAM'],
    }),
  );
  for (;;) {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
    const [stack] = Stacks!;
    if (!stack!.StackStatus!.endsWith('IN_PROGRESS')) {
      const outputs = Object.fromEntries(
        (stack!.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!]),
      );
      return { status: stack!.StackStatus, outputs };
    }
    await sleep(50);
  }
}
