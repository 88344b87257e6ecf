/** Where the trial's AWS is: it says so in a file, as long as it runs (trial/control/contract.ts, `Running`). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../lib/terminal/failure';

export interface RunningTrial {
  readonly endpoint: string;
  readonly region: string;
  /** 12 digits. */
  readonly account: string;
}

/**
 * @param folder the trial's, `.trial`
 * @throws Failure when none runs
 */
export function runningTrial(folder: string): RunningTrial {
  const running = read(join(folder, 'running.json'));
  if (!running) throw new Failure('No trial is running: start one with npm start, or leave out --trial.');
  return running;
}

function read(path: string): RunningTrial | undefined {
  try {
    const { pid, endpoint, region, account } = JSON.parse(readFileSync(path, 'utf8')) as Record<
      string,
      unknown
    >;
    // A trial that was killed leaves its file behind.
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return undefined;
    if (typeof endpoint !== 'string' || !URL.canParse(endpoint)) return undefined;
    return { endpoint, region: String(region), account: String(account) };
  } catch {
    return undefined; // not there, or half written by a trial that was killed
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // somebody else's
  }
}
