/** Where a view has its facts from: the control server of the trial that runs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault, Running, TrialFacts } from '../control/contract';
import { TrialFailure } from '../failure';

export const RUNNING_FILE = 'running.json';

export const NO_TRIAL = 'No trial is running: start one with npm start.';

/** Facts come from memory; a fault may have to wait until a database has ended. */
const TIMEOUT_MILLIS = { facts: 5_000, fault: 60_000 };

/** @param folder the trial's, `.trial` */
export function findRunning(folder: string): Running | undefined {
  const running = readRunning(join(folder, RUNNING_FILE));
  // A trial that was killed leaves its file behind.
  return running && isAlive(running.pid) ? running : undefined;
}

/** @throws TrialFailure when there is none */
export function runningTrial(folder: string): Running {
  const running = findRunning(folder);
  if (!running) throw new TrialFailure(NO_TRIAL);
  return running;
}

function readRunning(path: string): Running | undefined {
  try {
    const { pid, control, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Running>;
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid <= 0) return undefined;
    if (typeof control !== 'string' || !URL.canParse(control)) return undefined;
    const { site, endpoint, region, account } = rest;
    return {
      pid,
      control,
      site: String(site),
      endpoint: String(endpoint),
      region: String(region),
      account: String(account),
    };
  } catch {
    return undefined; // not there, or half written by a trial that was killed
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // somebody else's
  }
}

/** @throws TrialFailure when the trial does not answer */
export async function fetchFacts(running: Running): Promise<TrialFacts> {
  const { status, body } = await ask(running, '/facts', TIMEOUT_MILLIS.facts);
  if (status !== 200 || !isFacts(body)) throw unexpected(running, '/facts', status);
  return body;
}

/**
 * @returns what was done, a sentence
 * @throws TrialFailure with the trial's own sentence when it refuses
 */
export async function sendFault(running: Running, fault: Fault): Promise<string> {
  const { status, body } = await ask(running, '/fault', TIMEOUT_MILLIS.fault, fault);
  const { done, error } = (body ?? {}) as { readonly done?: unknown; readonly error?: unknown };
  if (status === 200 && typeof done === 'string') return done;
  if (typeof error === 'string') throw new TrialFailure(error);
  throw unexpected(running, '/fault', status);
}

/** The views walk these lists: another program that listens there must not make them stumble. */
const isFacts = (body: unknown): body is TrialFacts =>
  typeof body === 'object' &&
  body !== null &&
  ['names', 'servers', 'databases', 'functions', 'events', 'faults'].every((name) =>
    Array.isArray((body as Record<string, unknown>)[name]),
  );

const unexpected = ({ control, pid }: Running, path: string, status: number) =>
  new TrialFailure(
    `${control}${path} answered ${status}, which no trial does: end process ${pid} and run npm start.`,
  );

async function ask({ control, pid }: Running, path: string, timeoutMillis: number, body?: unknown) {
  try {
    const response = await fetch(new URL(path, control), {
      signal: AbortSignal.timeout(timeoutMillis),
      ...(body !== undefined && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    const text = await response.text();
    return { status: response.status, body: parsed(text) };
  } catch {
    throw new TrialFailure(
      `The trial does not answer at ${control}: wait a moment, or end process ${pid} and run npm start.`,
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
