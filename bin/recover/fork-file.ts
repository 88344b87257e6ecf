/** A fork as a file: by itself, or what `recover status --json` has written. */
import { readFileSync } from 'node:fs';
import { FORK, type Fork } from '../../lambda/recovery/fork';
import { Failure } from '../../lib/terminal/failure';

const HOW = 'Have one written: npm run --silent recover -- status --json > fork.json.';

/**
 * @param epoch which of several
 * @throws Failure with a sentence
 */
export function readFork(path: string, epoch?: number): Fork {
  const found = forksIn(document(path), path);
  const meant = epoch === undefined ? found : found.filter((fork) => fork.epoch === epoch);
  const [first, second] = meant;
  const known = found.map((fork) => fork.epoch).join(', ');
  if (!first) {
    throw new Failure(
      epoch === undefined
        ? `${path} has no fork: no old primary waits for recovery.`
        : `${path} has no fork of epoch ${epoch}, but of ${known || 'none'}.`,
    );
  }
  if (second)
    throw new Failure(`${path} has the forks of epochs ${known}: say which one is meant, by --epoch.`);
  return first;
}

function document(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what =
      code === 'ENOENT'
        ? `There is no file ${path}`
        : error instanceof SyntaxError
          ? `${path} is not JSON`
          : `${path} cannot be read: ${message}`;
    throw new Failure(`${what}. ${HOW}`, { cause: error });
  }
}

function forksIn(document: unknown, path: string): Fork[] {
  const { waiting } = (document ?? {}) as { waiting?: unknown };
  const all = Array.isArray(waiting)
    ? waiting.flatMap((one: unknown) => (one as { fork?: unknown } | null)?.fork ?? [])
    : [document];
  return all.map((one) => {
    const { data, error } = FORK.safeParse(one);
    if (data) return data;
    const [issue] = error.issues;
    throw new Failure(`${path} is no fork: ${issue!.path.join('.') || 'it'}: ${issue!.message}. ${HOW}`);
  });
}
