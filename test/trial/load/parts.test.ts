import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Histogram } from '../../../trial/load/histogram';
import { Ledger, readLedger } from '../../../trial/load/ledger';
import { type OwnNote, staleness } from '../../../trial/load/own-note';
import { oneOf, seeded } from '../../../trial/load/random';
import { Tally } from '../../../trial/load/tally';

describe('latencies', () => {
  test('percentiles are right to 1 %', () => {
    const histogram = new Histogram();
    for (let value = 1000; value >= 1; value--) histogram.add(value);
    for (const percent of [1, 50, 95, 99, 100]) {
      const found = histogram.percentile(percent)!;
      expect(found).toBeGreaterThanOrEqual(percent * 10 * 0.999);
      expect(found).toBeLessThanOrEqual(percent * 10 * 1.011);
    }
  });

  test('of none there is none; of one it is all', () => {
    const histogram = new Histogram();
    expect(histogram.percentile(50)).toBeUndefined();
    histogram.add(0);
    expect([histogram.percentile(50), histogram.count]).toEqual([0, 1]);
  });
});

describe('the longest gap', () => {
  const by = { server: 's', database: 'd' };

  test('between two successes, from when on', () => {
    const tally = new Tally();
    tally.sent('reads');
    for (const at of [100, 200, 900, 1000]) tally.succeeded('other reads', at, at, by);
    expect(tally.stats(1100).reads.longestGap).toEqual({ milliseconds: 700, from: 0.2 });
  });

  test('at the beginning and at the end, too', () => {
    const tally = new Tally();
    tally.sent('writes');
    tally.succeeded('writes', 500, 500, by);
    expect(tally.stats(800).writes.longestGap).toEqual({ milliseconds: 500, from: 0 });
    expect(tally.stats(1500).writes.longestGap).toEqual({ milliseconds: 1000, from: 0.5 });
    // What was not sent has no gap.
    expect(tally.stats(1500).reads.longestGap.milliseconds).toBe(0);
  });
});

describe('what is read of an own note', () => {
  const own = (changes: Partial<OwnNote> = {}): OwnNote => ({ note: 3, id: 30, revision: 2, ...changes });
  const shown = (revision: number, note = 3, run = 'r') => ({
    status: 200,
    body: { text: `load ${run}, note ${note}, revision ${revision}` },
  });
  const expected = { revision: 2, isDeleted: false };
  const deleted = { revision: 2, isDeleted: true };
  const gone = { status: 404, body: {} };

  test.each([
    ['as written', own(), expected, shown(2), undefined],
    ['newer, by a change that was sent meanwhile', own(), expected, shown(3), undefined],
    ['older', own(), expected, shown(1), 'had revision 1 instead of 2'],
    ['not there', own(), expected, gone, 'was not there'],
    ['not there, as its deletion is under way', own({ deletion: 'intended' }), expected, gone, undefined],
    [
      'still there while its deletion is under way',
      own({ deletion: 'intended' }),
      expected,
      shown(2),
      undefined,
    ],
    ['deleted', own({ deletion: 'acknowledged' }), deleted, gone, undefined],
    ['back again', own({ deletion: 'acknowledged' }), deleted, shown(2), 'was there still, though deleted'],
    ['the id was given out twice', own(), expected, shown(2, 4), 'was another note'],
    ['of another load', own(), expected, shown(2, 3, 'x'), 'was another note'],
    ['nonsense', own(), expected, { status: 200, body: undefined }, 'was another note'],
  ])('%s', (_, note, expectation, answer, problem) => {
    expect(staleness('r', note, expectation, answer)).toBe(problem);
  });
});

test('random numbers come again with their seed, and spread', () => {
  const [one, same, other] = [seeded(1), seeded(1), seeded(2)];
  const first = Array.from({ length: 1000 }, one);
  expect(Array.from({ length: 1000 }, same)).toEqual(first);
  expect(other()).not.toBe(first[0]);
  expect(Math.min(...first)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...first)).toBeLessThan(1);
  expect(first.filter((value) => value < 0.2).length / 1000).toBeCloseTo(0.2, 1);
  expect(() => oneOf(one, [])).toThrow('nothing to choose');
});

describe('the ledger', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ledger-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('two that begin at once have a file and a run each', () => {
    const [one, other] = [new Ledger(folder, 'http://x', 1, 1e12), new Ledger(folder, 'http://x', 1, 1e12)];
    expect(one.path).toMatch(/load-2001-09-09T01-46-40-000Z\.jsonl$/);
    expect([one.path === other.path, one.run === other.run]).toEqual([false, false]);
    one.close();
    other.close();
  });

  test('what was intended is on disk before anything is sent; a torn last line is no matter', () => {
    const ledger = new Ledger(join(folder, 'new'), 'http://x', 1);
    ledger.write({ event: 'not acknowledged', write: 1, at: 1, why: '503' });
    expect(readFileSync(ledger.path, 'utf8').split('\n')).toHaveLength(3);
    appendFileSync(ledger.path, '{"event": "ackno');
    expect(readLedger(ledger.path).map(({ event }) => event)).toEqual(['begun', 'not acknowledged']);
    ledger.close();
  });

  test.each(['', '\n', '{"event":"intended"}\n', 'text\n', 'null\n', '{"event":"begun"}\n7\n'])(
    '%j is none',
    (text) => {
      const path = join(folder, 'other.jsonl');
      writeFileSync(path, text);
      expect(() => readLedger(path)).toThrow(`${path} is not the ledger of a load.`);
    },
  );

  test('without a file, or a place for one: a sentence', () => {
    expect(() => readLedger(join(folder, 'none'))).toThrow(/^The ledger cannot be read: ENOENT/);
    writeFileSync(join(folder, 'file'), '');
    expect(() => new Ledger(join(folder, 'file'), 'http://x', 1)).toThrow(/^The ledger cannot be written: /);
  });
});
