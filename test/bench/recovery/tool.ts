/** What the tools have in common: each looks at two servers and says what it would write on the new primary. */
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Programs } from '../programs';
import type { Repair } from './judge';
import type { Stand } from './stand';

export interface Found {
  /** Of the whole program, from its start to its end. */
  readonly seconds: number;
  /** Of them, without the start of the program; absent where only the whole is known. */
  readonly workSeconds?: number;
  /** Of the program, which runs where it is called, not on a server; absent where there is no /proc. */
  readonly peakMiB?: number;
  readonly repairs: readonly Repair[];
}

export interface Tool<F extends Found = Found> {
  readonly name: string;
  /** @returns a sentence that says what is missing and how it is had; undefined: it can be run */
  ready(): Promise<string | undefined>;
  find(stand: Stand, programs: Programs): Promise<F>;
}

/** Where a program is, of the folders of PATH; undefined: nowhere. */
export function onPath(program: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));
}

/** In MiB, what this process has held at most; undefined where there is no /proc. VmHWM, proc_pid_status(5). */
export function ownPeakMiB(): number | undefined {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
  } catch {
    return undefined;
  }
}
