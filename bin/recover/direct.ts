/** Without AWS: from a machine that reaches the servers itself. */
import { type Server, type SessionOptions, connect } from '../../lambda/recovery/connect';
import type { Session } from '../../lambda/recovery/session';
import { Failure } from '../../lib/terminal/failure';
import { asFailure, refusedBy } from './errors';

/** Ctrl-C ended it, and nothing was written. */
export class Interrupted extends Failure {
  override readonly name = 'Interrupted';
}

/**
 * @param role what it was given as: `--old`
 * @throws Failure with a sentence
 */
export async function openDirect(server: Server, role: string, options: SessionOptions): Promise<Session> {
  try {
    return await connect(server, options);
  } catch (error) {
    throw refusedBy(server, role, error);
  }
}

/**
 * Closes the sessions whatever happens; with that, what a server still does for them ends as well.
 *
 * @throws Interrupted when `signal` aborts before the work is done
 */
export async function withSessions<T>(
  open: readonly (() => Promise<Session>)[],
  signal: AbortSignal | undefined,
  work: (...sessions: Session[]) => Promise<T>,
): Promise<T> {
  const sessions: Session[] = [];
  try {
    for (const one of open) sessions.push(await one());
    return await unless(signal, work(...sessions));
  } catch (error) {
    throw asFailure(error);
  } finally {
    await Promise.all(sessions.map((session) => session.close().catch(() => undefined)));
  }
}

async function unless<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (!signal) return work;
  // What it fails with once nobody waits for it any more is not told.
  work.catch(() => undefined);
  let stop = () => {};
  const interrupted = new Promise<never>((_, reject) => {
    stop = () => reject(new Interrupted('Interrupted: nothing was written.'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
