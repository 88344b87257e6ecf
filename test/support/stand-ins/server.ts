/** Runs user data and the boot script as a server would, in a folder of its own, with stand-ins for what changes a machine. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const STAND_IN = join(__dirname, 'stand-in.sh');

const PLAYED =
  'aws blkid cfn-signal chown curl dig dnf id initdb logger mkfs.xfs mount mountpoint nginx pg_dump psql runuser ' +
  'sleep systemctl unzip useradd xfs_growfs';

/** Harmless, so the real ones run. What is in neither list is not found, as a misspelt name. */
const REAL = 'awk bash cat chmod comm cp date dirname grep head ln mkdir mv python3 rm sha256sum sort tr wc';

export interface Boot {
  readonly code: number;
  readonly output: string;
  /** Calls of this run in order, one line each. */
  readonly calls: readonly string[];
}

export class Server {
  private readonly folder = mkdtempSync(join(tmpdir(), 'boot-'));
  readonly root = join(this.folder, 'root');
  readonly state = join(this.folder, 'state');
  private readonly bin = join(this.folder, 'bin');

  constructor() {
    for (const folder of ['root/etc', 'root/proc', 'root/run', 'state/say', 'state/fail', 'bin']) {
      mkdirSync(join(this.folder, folder), { recursive: true });
    }
    for (const name of PLAYED.split(' ')) symlinkSync(STAND_IN, join(this.bin, name));
    for (const name of REAL.split(' ')) symlinkSync(which(name), join(this.bin, name));
    this.put('proc/meminfo', 'MemTotal:        1000000 kB\n');
  }

  /** What a program answers, such as the tables of the `tables-target`. */
  says(key: string, text: string): this {
    writeFileSync(join(this.state, 'say', key), text);
    return this;
  }

  /** The next calls of a program, or of one of its commands, fail. */
  fails(key: string, times = 999): this {
    writeFileSync(join(this.state, 'fail', key), String(times));
    return this;
  }

  put(path: string, text: string): this {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
    return this;
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  /** What a stand-in kept. */
  kept(key: string): string {
    return readFileSync(join(this.state, key), 'utf8');
  }

  keep(key: string, text: string): this {
    writeFileSync(join(this.state, key), text);
    return this;
  }

  mode(path: string): string {
    return (statSync(join(this.root, path)).mode & 0o777).toString(8);
  }

  link(path: string): string {
    return readlinkSync(join(this.root, path));
  }

  putLink(path: string, to: string): this {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    symlinkSync(to, join(this.root, path));
    return this;
  }

  /** @param script what lies in S3 as the boot script */
  boot(userData: string, script: string): Boot {
    this.says('script', script);
    writeFileSync(join(this.folder, 'user-data'), userData);
    return this.bash(join(this.folder, 'user-data'));
  }

  /** Runs a script that the boot has put there, once. */
  run(path: string, failing?: string): Boot {
    if (failing) this.fails(failing, 1);
    return this.bash(join(this.root, path));
  }

  private bash(file: string): Boot {
    writeFileSync(join(this.state, 'calls'), '');
    const run = spawnSync(join(this.bin, 'bash'), [file], {
      encoding: 'utf8',
      env: { PATH: this.bin, ROOT: this.root, STATE: this.state },
    });
    return {
      code: run.status ?? -1,
      output: run.stdout + run.stderr,
      calls: this.kept('calls').replaceAll(this.root, '').split('\n').filter(Boolean),
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const found = new Map<string, string>();

function which(name: string): string {
  const known = found.get(name) ?? lookUp(name);
  found.set(name, known);
  return known;
}

function lookUp(name: string): string {
  // A version manager's shim of python3 would not find the rest of itself from here.
  if (name === 'python3')
    return execFileSync(name, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  return execFileSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
}

/** Servers have bash 5; macOS ships 3.2, which stumbles over empty arrays. */
export function requireBash(): void {
  const version = execFileSync('bash', ['-c', 'echo "${BASH_VERSINFO[0]}.${BASH_VERSINFO[1]}"'], {
    encoding: 'utf8',
  });
  if (Number(version) < 4.4) {
    throw new Error(
      `bash is ${version.trim()}, the boot script needs 4.4 or newer: on macOS "brew install bash"`,
    );
  }
}
