/**
 * Every write, on disk before it is sent, and again when it is answered: what the site has promised survives whatever
 * happens to the load itself. A file of JSON lines that only ever grows.
 */
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { TrialFailure } from '../failure';

/** What the site holds to belong to this load: in the text of each of its notes. */
export interface Mark {
  readonly run: string;
  /** Of the note, from 1. */
  readonly note: number;
  /** 1 as created, one more by each change. */
  readonly revision: number;
}

export interface Intended {
  readonly event: 'intended';
  /** Number of the write, from 1. */
  readonly write: number;
  /** Milliseconds since 1970, as everywhere in the file. */
  readonly at: number;
  readonly client: string;
  readonly kind: 'create' | 'change' | 'delete';
  readonly note: number;
  /** That it makes; of a deletion, that it ends. */
  readonly revision: number;
  /** The site's id of the note, of one that is there. */
  readonly id?: number;
}

export type Entry =
  | {
      readonly event: 'begun';
      readonly at: number;
      readonly run: string;
      readonly url: string;
      readonly seed: number;
    }
  | Intended
  | {
      readonly event: 'acknowledged';
      readonly write: number;
      readonly at: number;
      readonly id: number;
      readonly server?: string;
      readonly database?: string;
    }
  /** It may be there all the same. */
  | { readonly event: 'not acknowledged'; readonly write: number; readonly at: number; readonly why: string };

const MARK = /^load (\S+), note (\d+), revision (\d+)$/;

export const textOf = ({ run, note, revision }: Mark): string =>
  `load ${run}, note ${note}, revision ${revision}`;

export function markOf(text: unknown): Mark | undefined {
  const [, run, note, revision] = (typeof text === 'string' && MARK.exec(text)) || [];
  return run === undefined ? undefined : { run, note: Number(note), revision: Number(revision) };
}

export class Ledger {
  readonly path: string;
  readonly run: string;
  private readonly file: number;

  constructor(folder: string, url: string, seed: number, now = Date.now()) {
    const time = new Date(now).toISOString().replace(/[:.]/g, '-');
    const opened = openNew(folder, `load-${time}`);
    this.path = opened.path;
    this.file = opened.file;
    this.run = `${now.toString(36)}-${process.pid}-${opened.number}`;
    this.write({ event: 'begun', at: now, run: this.run, url, seed });
  }

  write(entry: Entry): void {
    // At once and whole: a load that is killed in the next moment has still told what it was about to do.
    writeSync(this.file, `${JSON.stringify(entry)}\n`);
  }

  close(): void {
    closeSync(this.file);
  }
}

/** Two loads may begin in the same millisecond: "x" gives the name to one of them. */
function openNew(folder: string, name: string) {
  for (let number = 1; ; number++) {
    const path = join(folder, `${name}${number === 1 ? '' : `-${number}`}.jsonl`);
    try {
      mkdirSync(folder, { recursive: true });
      return { path, number, file: openSync(path, 'ax') };
    } catch (error) {
      const { code, path: taken } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST' && taken === path) continue;
      throw new TrialFailure(`The ledger cannot be written: ${(error as Error).message}.`);
    }
  }
}

/** @throws TrialFailure when it is not there, or no ledger */
export function readLedger(path: string): readonly Entry[] {
  const lines = readText(path).split('\n');
  const whole = lines.slice(0, -1); // what a killed load wrote last may lack its end
  const entries = whole.map((line) => parsed(line));
  if (entries[0]?.event !== 'begun' || entries.includes(undefined)) {
    throw new TrialFailure(`${path} is not the ledger of a load.`);
  }
  return entries as Entry[];
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new TrialFailure(`The ledger cannot be read: ${(error as Error).message}.`);
  }
}

function parsed(line: string): Entry | undefined {
  try {
    const entry = JSON.parse(line) as Partial<Entry> | null;
    return typeof entry?.event === 'string' ? (entry as Entry) : undefined;
  } catch {
    return undefined;
  }
}
