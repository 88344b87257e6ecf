/**
 * What the data plane keeps on disk, so that databases are found again.
 *
 * In the state folder: `plane.json` (passwords of the plane's own users), `authority*.pem`, `plane.lock`.
 * In the data folder, which is the state folder too where PostgreSQL's user can enter it:
 *   `databases/<resourceId>/` `database.json`, `data/` (PostgreSQL's), `log`
 *   `archives/<resourceId>/` `wal/`, `bases/<number>/` (`base.json`, `data/`)
 *   `snapshots/<snapshotId>/` likewise
 * Root is refused by PostgreSQL, and another user may not enter root's folders: then the data folder is below the one
 * for temporary files, named after the state folder, and `databases-are-in.txt` in the state folder says where.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { TrialFailure } from '../failure';
import type { DatabaseCopy } from '../rds/ports';
import { type User, canBeEntered, sharedFolder } from './binaries';

/** What is known of one database. */
export interface DatabaseRecord extends DatabaseCopy {
  /** Its own loopback address. */
  readonly address: string;
  /** Whom it follows; absent: a primary. */
  readonly sourceResourceId?: string;
  /** Replay waits until a commit is this old, in milliseconds; 0: at once. */
  readonly replayDelayMillis: number;
  /** Whether a server should run: stopped databases stay stopped. */
  readonly isWanted: boolean;
}

/** Passwords of the plane's own users; the same everywhere, as copies of a database have its users. */
export interface PlanePasswords {
  readonly rdsadmin: string;
  readonly rdsrepladmin: string;
}

const ID = /^[A-Za-z0-9][A-Za-z0-9-]*$/;

export class State {
  readonly passwords: PlanePasswords;
  /** Holds databases, archives and snapshots. */
  readonly dataFolder: string;

  constructor(
    readonly folder: string,
    private readonly user?: User,
  ) {
    mkdirSync(folder, { recursive: true });
    this.dataFolder = openDataFolder(folder, user);
    this.passwords = openPasswords(join(folder, 'plane.json'));
  }

  databaseFolder(resourceId: string): string {
    return join(this.dataFolder, 'databases', checked(resourceId));
  }

  archiveFolder(resourceId: string): string {
    return join(this.dataFolder, 'archives', checked(resourceId));
  }

  snapshotFolder(snapshotId: string): string {
    return join(this.dataFolder, 'snapshots', checked(snapshotId));
  }

  /** The database's folder exists from then on, and is known: written when it is whole, not before. */
  save(record: DatabaseRecord): void {
    const path = join(this.databaseFolder(record.resourceId), 'database.json');
    writeFileSync(`${path}.new`, JSON.stringify(record, null, 2), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  /** Of each database that is whole; what a crash left unfinished is removed. */
  load(): DatabaseRecord[] {
    const parent = join(this.dataFolder, 'databases');
    return readdirSync(parent).flatMap((name) => {
      const path = join(parent, name, 'database.json');
      if (existsSync(path)) return [JSON.parse(readFileSync(path, 'utf8')) as DatabaseRecord];
      rmSync(join(parent, name), { recursive: true, force: true });
      return [];
    });
  }

  /** Makes a folder that PostgreSQL's user owns; what was there is removed. */
  freshFolder(path: string): void {
    rmSync(path, { recursive: true, force: true });
    this.ownedFolder(path);
  }

  ownedFolder(path: string): void {
    const missing: string[] = [];
    for (let at = path; !existsSync(at); at = dirname(at)) missing.unshift(at);
    for (const folder of missing) {
      mkdirSync(folder, { mode: 0o700 });
      this.own(folder);
    }
  }

  /** Writes a file that PostgreSQL's user, and nobody else, may read. */
  write(path: string, text: string): void {
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    this.own(`${path}.new`);
    renameSync(`${path}.new`, path);
  }

  private own(path: string): void {
    if (this.user) chownSync(path, this.user.uid, this.user.gid);
  }
}

/** Removes all databases, backups and passwords of a state folder; no plane may be open on it. */
export function removeState(folder: string): void {
  rmSync(outsideFolder(folder), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}

function openDataFolder(folder: string, user: User | undefined): string {
  const isOutside = user !== undefined && !canBeEntered(folder);
  const dataFolder = isOutside ? outsideFolder(folder) : resolve(folder);
  if (isOutside) {
    mkdirSync(dataFolder, { recursive: true, mode: 0o711 });
    // Anybody could have made one of that name, to read what is put there.
    const stat = lstatSync(dataFolder);
    if (!stat.isDirectory() || stat.uid !== 0 || (stat.mode & 0o022) !== 0) {
      throw new TrialFailure(`${dataFolder} is not a folder of root's alone: remove it.`);
    }
    writeFileSync(join(folder, 'databases-are-in.txt'), `${dataFolder}\n`);
  }
  for (const name of ['databases', 'archives', 'snapshots']) {
    mkdirSync(join(dataFolder, name), { recursive: true, mode: 0o711 });
  }
  return dataFolder;
}

function outsideFolder(folder: string): string {
  const name = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 16);
  return join(sharedFolder(), `scale-from-zero-databases-${name}`);
}

function openPasswords(path: string): PlanePasswords {
  if (!existsSync(path)) {
    const password = () => randomBytes(24).toString('hex');
    const made: PlanePasswords = { rdsadmin: password(), rdsrepladmin: password() };
    writeFileSync(path, JSON.stringify(made), { mode: 0o600 });
  }
  return JSON.parse(readFileSync(path, 'utf8')) as PlanePasswords;
}

/** An identifier becomes the name of a folder, and part of a command of PostgreSQL's. */
function checked(id: string): string {
  if (!ID.test(id))
    throw new TrialFailure(`'${id}' cannot name a database: use letters, digits and hyphens.`);
  return id;
}
