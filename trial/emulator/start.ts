import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Server, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TrialFailure } from '../failure';
import type { Processes } from '../processes';
import { TRIAL_ACCOUNT, plainEnvironment } from '../target';

const FOLDER = join(__dirname, '../..');
const PYTHON = join(FOLDER, '.venv', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

/** How long the emulator may take to answer its first request; it takes about a second here. */
const READY_WITHIN_MS = 60_000;

export interface Emulator {
  /** `http://localhost:PORT` */
  readonly endpoint: string;
  readonly pid: number;
  /** Resolves when the emulator has ended by itself, to what it said last. */
  readonly ended: Promise<string>;
}

/**
 * Starts the emulator on a loopback port and waits until it answers.
 *
 * @param port a free one when absent
 * @param environment what the additions need: where the trial's own services are
 * @throws TrialFailure when the port is taken, Python's part of the set-up is missing, or it does not start
 */
export async function startEmulator(
  processes: Processes,
  port?: number,
  environment: Readonly<Record<string, string>> = {},
): Promise<Emulator> {
  if (!existsSync(PYTHON)) {
    throw new TrialFailure('The Python environment .venv is missing: run node bin/setup.mjs.');
  }
  const at = await freePort(port);
  const child = processes.start(PYTHON, ['-B', join(__dirname, 'serve.py'), String(at)], {
    cwd: __dirname,
    // Standard input stays open as long as this process lives: the emulator ends with it.
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...plainEnvironment(process.env),
      MINISTACK_ACCOUNT_ID: TRIAL_ACCOUNT,
      LOG_LEVEL: 'WARNING',
      ...environment,
    },
  });
  let said = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (data) => (said = (said + data).slice(-4_000)));
  }
  const ended = new Promise<string>((resolve) => {
    child.once('exit', () => resolve(said));
    child.once('error', (error) => resolve(error.message));
  });

  const endpoint = `http://localhost:${at}`;
  const gone = ended.then((text) => {
    throw new TrialFailure(
      `The emulator did not start: ${lastLine(text)}. Delete .venv and run npm start again.`,
    );
  });
  await Promise.race([answers(endpoint), gone]);
  gone.catch(() => undefined);
  return { endpoint, pid: child.pid!, ended };
}

async function answers(endpoint: string): Promise<void> {
  for (const end = Date.now() + READY_WITHIN_MS; Date.now() < end; await sleep(50)) {
    const answer = await fetch(`${endpoint}/_ministack/health`).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new TrialFailure(
    `The emulator did not answer within ${READY_WITHIN_MS / 1000} s: is this machine very busy? Run npm start again.`,
  );
}

const lastLine = (text: string) => text.trim().split('\n').at(-1) || 'it ended without a word';

/**
 * `wanted`, if nobody listens there; without it a port that is free now.
 *
 * @throws TrialFailure when `wanted` is taken
 */
export async function freePort(wanted?: number): Promise<number> {
  const server: Server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(wanted ?? 0, '127.0.0.1', resolve);
    });
    return (server.address() as { port: number }).port;
  } catch (error) {
    const refused = (error as NodeJS.ErrnoException).code === 'EACCES';
    throw new TrialFailure(
      `Port ${wanted} ${refused ? 'is not open to you' : 'is in use'}: give another with --port, or leave it out for a free one.`,
    );
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
