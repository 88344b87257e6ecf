/**
 * A plan as a file, JSON Lines: the head, one change a line in their order, and last `{"changes": n, "sha256": "…"}` over
 * all bytes before it. What was edited, cut off or is something else is refused as a whole: nothing of it is applied.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type * as z from 'zod';
import type { Change, Plan, PlanHead } from './plan';
import { CHANGE, END, FORMAT, HEAD, VERSION } from './plan-schema';
import { Problem } from './problem';

const ANEW = 'Make a new plan: npm run recover -- plan.';

const BEGINNING = `{"format":"${FORMAT}"`;

/** What is written at once. */
const PORTION_LETTERS = 256 * 1024;

export interface Encoded {
  /** Of all bytes before the last line: what the file is known by. Whole once all was read. */
  readonly sha256: () => string;
  readonly portions: Iterable<string>;
}

/** The text of a plan file in portions, so that it never has to be in memory whole. To be read once. */
export function encodePlan(plan: { readonly head: PlanHead; readonly changes: Iterable<Change> }): Encoded {
  const hash = createHash('sha256');
  let sha256: string | undefined;
  const digested = (portion: string): string => {
    hash.update(portion);
    return portion;
  };
  function* portions(): Generator<string> {
    let portion = `${JSON.stringify(plan.head)}\n`;
    let changes = 0;
    for (const change of plan.changes) {
      portion += `${JSON.stringify(change)}\n`;
      changes++;
      if (portion.length < PORTION_LETTERS) continue;
      yield digested(portion);
      portion = '';
    }
    if (portion !== '') yield digested(portion);
    sha256 = hash.digest('hex');
    yield `${JSON.stringify({ changes, sha256 })}\n`;
  }
  return {
    portions: portions(),
    sha256: () => {
      if (sha256 === undefined) throw new Error('The plan has not been read to its end');
      return sha256;
    },
  };
}

/**
 * Readable by its owner only, as it holds rows of the site; whole or not at all.
 *
 * @returns what the file is known by, as `readPlan` gives it
 * @throws Problem when it cannot be written
 */
export async function writePlanFile(path: string, plan: Plan): Promise<string> {
  const { portions, sha256 } = encodePlan(plan);
  await writePrivately(path, portions);
  return sha256();
}

/**
 * Mode 0600, under another name until it is whole.
 * @throws Problem
 */
export async function writePrivately(
  path: string,
  portions: Iterable<string> | AsyncIterable<string | Uint8Array>,
): Promise<void> {
  const unfinished = join(dirname(path), `.${basename(path)}.${process.pid}.unfinished`);
  try {
    const file = await open(unfinished, 'w', 0o600);
    try {
      await writeFile(file, portions);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw new Problem(`${path} could not be written: ${(error as Error).message}.`, { cause: error });
  }
}

export interface ReadPlan {
  readonly plan: Plan;
  readonly sha256: string;
}

/** @throws Problem */
export async function readPlanFile(path: string): Promise<ReadPlan> {
  return readPlan(createReadStream(path), path);
}

/**
 * @param source its bytes, in portions of any length
 * @param name for people
 * @throws Problem that names the line and what to do
 */
export async function readPlan(source: AsyncIterable<Uint8Array>, name: string): Promise<ReadPlan> {
  const hash = createHash('sha256');
  const changes: Change[] = [];
  let head: PlanHead | undefined;
  let end: z.infer<typeof END> | undefined;
  let number = 0;
  for await (const { bytes, isWhole } of lines(source, name)) {
    number++;
    const text = bytes.toString('utf8');
    if (end) throw new Problem(`${name} goes on after its end, in line ${number}: it was edited. ${ANEW}`);
    if (!isWhole && (head || text.startsWith(BEGINNING))) {
      throw new Problem(`${name} breaks off in line ${number}: it was cut off. ${ANEW}`);
    }
    if (!head) {
      head = headOf(text, name);
    } else {
      const value = parsed(text, name, number);
      // A change has no such member; to try it on each would take longer than all the rest.
      if (Object.hasOwn(Object(value) as object, 'sha256')) end = END.safeParse(value).data;
      if (!end) changes.push(changeOf(value, { name, number, head, before: changes.length }));
    }
    if (!end) hash.update(bytes).update('\n');
  }
  if (!head) throw new Problem(`${name} is empty. ${ANEW}`);
  if (!end) {
    throw new Problem(`${name} ends after line ${number}, without its last line: it was cut off. ${ANEW}`);
  }
  if (end.changes !== changes.length) {
    throw new Problem(
      `${name} has ${changes.length} changes, and ${end.changes} by its last line, ${number}: it was edited. ${ANEW}`,
    );
  }
  if (hash.digest('hex') !== end.sha256) {
    throw new Problem(
      `${name} is not as it was written: something in lines 1 to ${number - 1} was edited, as the SHA-256 in line ${number} shows. ${ANEW}`,
    );
  }
  return { plan: { head, changes }, sha256: end.sha256 };
}

function headOf(text: string, name: string): PlanHead {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Problem(`${name} is no recovery plan: its first line is not JSON. ${ANEW}`);
  }
  const { format, version } = (value ?? {}) as { format?: unknown; version?: unknown };
  if (format !== FORMAT) {
    throw new Problem(`${name} is no recovery plan: its first line does not say "${FORMAT}". ${ANEW}`);
  }
  if (version !== VERSION) {
    throw new Problem(
      `${name} is a plan of version ${JSON.stringify(version)}, and this program knows version ${VERSION}: apply it with the program that made it, or make a new one.`,
    );
  }
  return checked(HEAD, value, name, 1);
}

interface Place {
  readonly name: string;
  readonly number: number;
  readonly head: PlanHead;
  readonly before: number;
}

function changeOf(value: unknown, { name, number, head, before }: Place): Change {
  const change = checked(CHANGE, value, name, number);
  if (change.number !== before + 1) {
    throw new Problem(
      `${name}, line ${number}: change ${change.number} stands where change ${before + 1} belongs; it was edited. ${ANEW}`,
    );
  }
  if (!head.tables.some((table) => table.name === change.table)) {
    throw new Problem(`${name}, line ${number}: its head knows no table ${change.table}. ${ANEW}`);
  }
  return change;
}

function parsed(text: string, name: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(`${name}, line ${number}: that is not JSON; it was edited. ${ANEW}`);
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown, name: string, number: number): T {
  const { error } = schema.safeParse(value);
  // Not what the schema gives back, which has its keys in another order: written again, a plan must be the same bytes.
  if (!error) return value as T;
  const [issue] = error.issues;
  const where = issue!.path.join('.');
  throw new Problem(
    `${name}, line ${number}${where && `, ${where}`}: ${issue!.message}. It was edited, or is no plan. ${ANEW}`,
  );
}

const NEWLINE = 0x0a;

/** A line may come in many portions; it is put together once. */
async function* lines(
  source: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<{ readonly bytes: Buffer; readonly isWhole: boolean }> {
  let parts: Uint8Array[] = [];
  try {
    for await (const portion of source) {
      let from = 0;
      for (let at; (at = portion.indexOf(NEWLINE, from)) >= 0; from = at + 1) {
        yield { bytes: Buffer.concat([...parts, portion.subarray(from, at)]), isWhole: true };
        parts = [];
      }
      if (from < portion.length) parts.push(portion.subarray(from));
    }
  } catch (error) {
    throw unreadable(error, name);
  }
  if (parts.length > 0) yield { bytes: Buffer.concat(parts), isWhole: false };
}

function unreadable(error: unknown, name: string): Error {
  if (error instanceof Problem) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new Problem(`There is no file ${name}. ${ANEW}`, { cause: error });
  if (code === 'EISDIR')
    return new Problem(`${name} is a folder: name the plan file in it.`, { cause: error });
  return new Problem(`${name} cannot be read: ${message}.`, { cause: error });
}
