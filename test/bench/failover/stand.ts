/** A trial of its own for the failover benchmarks, and the drills on it, again and again. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TrialFailure } from '../../../trial/failure';
import type { Drill } from '../../../trial/drill/drill';
import { DRILLS } from '../../../trial/drill/list';
import { type OwnTrial, startOwnTrial } from '../../../trial/drill/own-trial';
import { type DrillReport, runDrill, tidy } from '../../../trial/drill/run';
import { BenchFailure } from '../failure';
import type { Bench } from '../part';

/** A line of the controller's log, JSON. */
export type LogLine = Readonly<Record<string, unknown>>;

export interface Stand {
  readonly trial: OwnTrial;
  /** Runs a drill on the trial, and puts the trial into order. @throws BenchFailure */
  run(name: string): Promise<DrillReport>;
  /** What the controller has written since `from`, milliseconds since 1970. */
  log(from: number): readonly LogLine[];
  /** The most memory that a process of the controller's has held at once, so far; undefined where there is no /proc. */
  peakMiB(): number | undefined;
}

const READY_SECONDS = 180;

/** What is going on is told in a line a run: a drill's own words are too many. */
const QUIET = () => undefined;

/**
 * @param context for the CDK app
 * @throws BenchFailure
 */
export async function withTrial<T>(
  { programs, signal }: Pick<Bench, 'programs' | 'signal'>,
  context: readonly string[],
  work: (stand: Stand) => Promise<T>,
): Promise<T> {
  try {
    const trial = await startOwnTrial({ context, signal });
    const watch = peakWatch(trial);
    try {
      return await work({
        trial,
        run: (name) => drilled(trial, drillOf(name), programs.folder(), signal),
        log: (from) => logOf(trial).filter((line) => Date.parse(String(line['time'])) >= from),
        peakMiB: watch.peakMiB,
      });
    } finally {
      watch.end();
      await trial.end();
    }
  } catch (error) {
    if (error instanceof TrialFailure) throw new BenchFailure(error.message);
    throw error;
  }
}

function drillOf(name: string): Drill {
  return DRILLS.find((drill) => drill.name === name)!;
}

async function drilled(
  trial: OwnTrial,
  drill: Drill,
  folder: string,
  signal: AbortSignal,
): Promise<DrillReport> {
  const { running, folder: trialFolder } = trial;
  const options = { running, trialFolder, folder, signal, say: QUIET, readySeconds: READY_SECONDS };
  const report = await runDrill(drill, options);
  await tidy({ ...options, replicas: drill.replicas });
  return report;
}

/** The name of the function (lib/data/failover-controller.ts) is that of its log. */
function logOf({ folder, pid }: OwnTrial): LogLine[] {
  const logs = join(folder, `run-${pid}`, 'functions/logs');
  const file = existsSync(logs)
    ? readdirSync(logs).find((name) => name.endsWith('-failover.log'))
    : undefined;
  if (file === undefined) return [];
  return readFileSync(join(logs, file), 'utf8')
    .split('\n')
    .flatMap((line) => {
      if (!line.startsWith('{')) return [];
      try {
        return [JSON.parse(line) as LogLine];
      } catch {
        return []; // being written
      }
    });
}

const WATCH_MILLIS = 500;

/** Looks at the processes of the controller: each run of the function may have one of its own. */
function peakWatch({ pid }: OwnTrial) {
  let peakKiB: number | undefined;
  const look = () => {
    for (const child of childrenOf(pid)) {
      if (!isController(child)) continue;
      const seen = peakOf(child);
      if (seen !== undefined) peakKiB = Math.max(peakKiB ?? 0, seen);
    }
  };
  const timer = setInterval(look, WATCH_MILLIS);
  return {
    peakMiB: () => (look(), peakKiB === undefined ? undefined : peakKiB / 1024),
    end: () => clearInterval(timer),
  };
}

/** proc_pid_task_children needs a kernel option; the parent's id is everywhere (proc_pid_stat(5), field 4). */
function childrenOf(pid: number): number[] {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => {
      const stat = read(`/proc/${child}/stat`);
      return Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
    });
}

const isController = (pid: number): boolean =>
  /\0AWS_LAMBDA_FUNCTION_NAME=[^\0]*-failover\0/.test(`\0${read(`/proc/${pid}/environ`) ?? ''}`);

/** In KiB; VmHWM, proc_pid_status(5). */
function peakOf(pid: number): number | undefined {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '') ?? [];
  return kibibytes === undefined ? undefined : Number(kibibytes);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // it has ended
  }
}
