import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { TrialFailure } from '../failure';
import { RUNNING_FILE, findRunning, isAlive } from '../view/source';
import { EXIT, type Surroundings } from './surroundings';
import { UsageFailure } from '../../lib/terminal/usage';
import { readWords } from './words';

export const RESET_HELP = `npm run trial -- reset [--yes]   removes all that trials have left in .trial/

  --yes             without asking: databases and ledgers are gone then`;

export async function reset(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { flags } = readWords('reset', args, { flags: ['yes'] });
  const { folder, out, ask, removeElsewhere } = surroundings;
  refuseWhileRunning(folder);
  const entries = entriesOf(folder);
  const place = relative('', folder) || folder;
  if (entries.length === 0) {
    out.write(`There is nothing in ${place}.\n`);
    return EXIT.fine;
  }
  if (!flags.has('yes')) {
    if (!ask) throw new UsageFailure('Nothing was removed: without a terminal, reset needs --yes.');
    const what = entries.length === 1 ? `1 entry of ${place}` : `all ${entries.length} entries of ${place}`;
    const answer = await ask(`This removes ${what}, databases and ledgers with them. Go on? [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) {
      out.write('Nothing was removed.\n');
      return EXIT.failed;
    }
    // A person may take a while to answer.
    refuseWhileRunning(folder);
  }
  try {
    await removeElsewhere?.(folder);
    for (const entry of entries) rmSync(join(folder, entry), { recursive: true, force: true });
  } catch (error) {
    throw new TrialFailure(`Not all of ${place} could be removed: ${(error as Error).message}.`);
  }
  out.write(`${place} is empty: the next npm start begins anew.\n`);
  return EXIT.fine;
}

const entriesOf = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** The folder of a run that has begun, and may not serve yet (trial/folder.ts). */
const RUN = /^run-(\d+)$/;

/** @throws TrialFailure */
function refuseWhileRunning(folder: string): void {
  const running = findRunning(folder);
  const found = running
    ? { pid: running.pid, file: RUNNING_FILE }
    : entriesOf(folder)
        .map((file) => ({ pid: Number(RUN.exec(file)?.[1] ?? 0), file }))
        .find(({ pid }) => pid > 0 && isAlive(pid));
  if (!found) return;
  throw new TrialFailure(
    `A trial is running (process ${found.pid}): end it with Ctrl-C first, or remove ${join(relative('', folder), found.file)} if that process is none.`,
  );
}
