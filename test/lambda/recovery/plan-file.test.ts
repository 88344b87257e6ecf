import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan } from '../../../lambda/recovery/plan';
import { encodePlan, readPlan, readPlanFile, writePlanFile } from '../../../lambda/recovery/plan-file';
import { Problem } from '../../../lambda/recovery/problem';
import { EMPTY, HEAD, PLAN, many } from './made-plan';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'plan-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const textOf = (plan: Plan): string => [...encodePlan(plan).portions].join('');

/** @param size of the portions that it comes in */
async function* bytesOf(text: string, size = 1 << 16): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const read = (text: string, size?: number) => readPlan(bytesOf(text, size), 'plan.jsonl');

test.each([
  ['of everything one', PLAN],
  ['nothing', EMPTY],
  ['many changes', { ...PLAN, changes: many(5000) }],
])('%s: written and read, it is the same', async (name, plan) => {
  const path = join(folder, `${name}.jsonl`);
  const sha256 = await writePlanFile(path, plan);
  expect(await readPlanFile(path)).toEqual({ plan, sha256 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('whatever portions it comes in', async () => {
  for (const size of [1, 7, 100]) expect((await read(textOf(PLAN), size)).plan).toEqual(PLAN);
});

test('read and written again it is the same bytes, whatever the order of its keys', async () => {
  const reversed = <T extends object>(value: T) => Object.fromEntries(Object.entries(value).reverse()) as T;
  const { format, ...rest } = HEAD;
  const plan = { head: { format, ...reversed(rest) }, changes: PLAN.changes.map(reversed) };
  expect(textOf((await read(textOf(plan))).plan)).toBe(textOf(plan));
});

test('what a later program adds is kept', async () => {
  const tables = HEAD.tables.map((table) => ({ ...table, collation: 'C' }));
  const plan = { ...PLAN, head: { ...HEAD, tables, author: 'anna' } };
  expect((await read(textOf(plan))).plan).toEqual(plan);
});

test('it is written whole or not at all, over what was there', async () => {
  const path = join(folder, 'twice.jsonl');
  await writePlanFile(path, EMPTY);
  const broken = {
    head: HEAD,
    changes: new Proxy([...many(3)], {
      get: (all, name) => {
        if (name === '2') throw new Error('No space left on device');
        return Reflect.get(all, name) as unknown;
      },
    }),
  };
  await expect(writePlanFile(path, broken)).rejects.toThrow(
    `${path} could not be written: No space left on device.`,
  );
  expect((await readPlanFile(path)).plan).toEqual(EMPTY);
  expect(readdirSync(folder).filter((name) => name.endsWith('unfinished'))).toEqual([]);
});

describe('refused, in a sentence that names the line and what to do', () => {
  const whole = textOf(PLAN);
  const lines = whole.split('\n');
  const without = (index: number) => lines.filter((_, at) => at !== index).join('\n');
  const edited = (index: number, edit: (line: string) => string) =>
    lines.map((line, at) => (at === index ? edit(line) : line)).join('\n');

  test.each<[string, string, RegExp]>([
    ['empty', '', /^plan\.jsonl is empty\. Make a new plan: npm run recover -- plan\.$/],
    ['a text', 'hello\nworld\n', /^plan\.jsonl is no recovery plan: its first line is not JSON\./],
    [
      'other JSON',
      '[1,2]\n',
      /is no recovery plan: its first line does not say "scale-from-zero recovery plan"/,
    ],
    ['null', 'null\n', /is no recovery plan/],
    ['bytes', '\u0000\ufffd\n', /is no recovery plan/],
    [
      'a later version',
      edited(0, (line) => line.replace('"version":1', '"version":2')),
      /is a plan of version 2, and this program knows version 1/,
    ],
    [
      'a head without its fork',
      edited(0, (line) => line.replace('"fork"', '"frok"')),
      /^plan\.jsonl, line 1, fork: /,
    ],
    [
      'an id that leads elsewhere',
      edited(0, (line) => line.replace(HEAD.id, '../../etc')),
      /^plan\.jsonl, line 1, id: /,
    ],
    ['cut in the head', whole.slice(0, 300), /breaks off in line 1: it was cut off\. Make a new plan/],
    ['cut in a change', whole.slice(0, lines[0]!.length + 40), /breaks off in line 2: it was cut off/],
    [
      'cut after a change',
      `${lines.slice(0, 3).join('\n')}\n`,
      /ends after line 3, without its last line: it was cut off/,
    ],
    ['cut in the last line', whole.slice(0, -10), /breaks off in line 7: it was cut off/],
    ['without its last newline', whole.slice(0, -1), /breaks off in line 7: it was cut off/],
    ['a change taken out', without(2), /line 3: change 3 stands where change 2 belongs; it was edited/],
    ['the last change taken out', without(5), /has 4 changes, and 5 by its last line, 6: it was edited/],
    [
      'a value edited',
      edited(1, (line) => line.replace('a b', 'a c')),
      /something in lines 1 to 6 was edited, as the SHA-256 in line 7 shows\. Make a new plan/,
    ],
    [
      'a conflict taken out',
      edited(4, (line) => line.replace(/,"conflict":\{[^}]*\}/, '')),
      /was edited, as the SHA-256 in line 7 shows/,
    ],
    ['a space added', edited(3, (line) => `${line} `), /was edited, as the SHA-256/],
    ['line ends of another system', whole.replace(/\n/g, '\r\n'), /was edited, as the SHA-256/],
    [
      'an operation that there is not',
      edited(1, (line) => line.replace('"insert"', '"drop"')),
      /^plan\.jsonl, line 2, operation: /,
    ],
    [
      'a table that the head does not know',
      edited(1, (line) => line.replace('public.notes', 'public.nodes')),
      /^plan\.jsonl, line 2: its head knows no table public\.nodes/,
    ],
    ['no JSON', edited(2, (line) => line.slice(1)), /^plan\.jsonl, line 3: that is not JSON; it was edited/],
    ['more after its end', `${whole}${lines[1]}\n`, /goes on after its end, in line 8: it was edited/],
    ['two plans', whole + whole, /goes on after its end, in line 8/],
  ])('%s', async (_, text, sentence) => {
    const problem = await read(text).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(Problem);
    expect((problem as Problem).message).toMatch(sentence);
  });

  test('missing, and a folder', async () => {
    const missing = join(folder, 'none.jsonl');
    await expect(readPlanFile(missing)).rejects.toThrow(
      `There is no file ${missing}. Make a new plan: npm run recover -- plan.`,
    );
    await expect(readPlanFile(folder)).rejects.toThrow(`${folder} is a folder: name the plan file in it.`);
  });

  test('any single byte that is changed', async () => {
    const path = join(folder, 'bytes.jsonl');
    await writePlanFile(path, { ...EMPTY, changes: [] });
    const bytes = readFileSync(path);
    for (let at = 0; at < bytes.length; at++) {
      const other = Buffer.from(bytes);
      other[at] = other[at]! ^ 1;
      writeFileSync(path, other);
      await expect(readPlanFile(path)).rejects.toBeInstanceOf(Problem);
    }
  });
});
