/** The emulator of the trial, and an environment in which SDK clients speak to it and to nothing else. */
import { startEmulator } from '../../../../trial/emulator/start';
import { Processes } from '../../../../trial/processes';
import { TRIAL_ACCOUNT } from '../../../../trial/target';

export interface EmulatedAws {
  readonly endpoint: string;
  readonly region: 'eu-central-1';
  stop(): Promise<void>;
}

export async function startAws(): Promise<EmulatedAws> {
  const processes = new Processes();
  try {
    const { endpoint } = await startEmulator(processes);
    const before = { ...process.env };
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: TRIAL_ACCOUNT,
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    });
    return {
      endpoint,
      region: 'eu-central-1',
      async stop() {
        process.env = before;
        await processes.endAll();
      },
    };
  } catch (error) {
    await processes.endAll();
    throw error;
  }
}
