import { join } from 'node:path';
import { type Target, environmentFor, plainEnvironment } from '../target';

export interface Machine {
  /** Loopback address that is this machine's alone: `127.77.10.5`. */
  readonly address: string;
  /** The trial's DNS server, `127.0.0.1:PORT`. */
  readonly dns: string;
}

const PRELOAD = join(__dirname, 'preload.cjs');

/**
 * What makes a Node program a machine of its own, whatever starts it. A program in another language runs as well, but
 * listens where it likes and is seen as 127.0.0.1.
 */
export const machineVariables = ({ address, dns }: Machine): Record<string, string> => ({
  TRIAL_ADDRESS: address,
  TRIAL_DNS: dns,
  // A quoted path may hold spaces; a backslash or a quote in it has to be escaped
  // (https://nodejs.org/api/cli.html#node_optionsoptions).
  NODE_OPTIONS: `--require "${PRELOAD.replace(/["\\]/g, '\\$&')}"`,
  // Meant for whoever pins the SDK, not for a visitor of the trial.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
});

/**
 * The whole environment of a program on a machine of the trial: of the caller's what any program needs, the emulated
 * AWS in place of the machine's role, and the machine itself.
 *
 * @param own `process.env`
 */
export const machineEnvironment = (
  machine: Machine,
  target: Target,
  own: Readonly<Record<string, string | undefined>>,
): Record<string, string> => ({
  ...environmentFor(target, plainEnvironment(own)),
  ...machineVariables(machine),
});
