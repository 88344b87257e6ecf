import { columns } from '../../../lib/terminal/text';
import { gaps } from '../../../trial/drill/clients-saw';
import { DRILLS } from '../../../trial/drill/list';
import {
  asJson,
  printedReport,
  printedSpans,
  printedSummary,
  verdictLines,
} from '../../../trial/drill/print';
import { isKept } from '../../../trial/drill/run';
import { milestones, spans } from '../../../trial/drill/timeline';
import { at, entry, evidence, missing } from './evidence';

const report = (given = evidence()) => ({
  drill: 'primary-killed',
  about: 'the primary dies for good, under load',
  evidence: given,
  verdicts: [
    { promise: 'nothing is lost', isKept: true, found: 'none missing' },
    { promise: 'no key is given out twice', isKept: false, found: '3 were, such as 7' },
  ],
});

test('the phases of a failover follow each other', () => {
  expect(spans(evidence()).map(({ what, from, to }) => [what, from - at(0), to - at(0)])).toEqual([
    ['detect', 0, 2_200],
    ['fence', 2_200, 2_900],
    ['promote', 2_900, 3_900],
    ['open', 3_900, 4_300],
    ['heal', 4_300, 8_300],
  ]);
});

test('one that did not come to its end lasts until the end of the drill', () => {
  const entries = evidence().entries.slice(0, -1);
  expect(spans(evidence({ entries })).at(-1)).toMatchObject({ what: 'heal', to: at(9) });
});

test('without a failover the states of the controller are shown, but not that all is well', () => {
  const entries = [
    entry(0.8, 'state replica-unfit'),
    entry(6, 'state replica-missing'),
    entry(8, 'state healthy'),
  ];
  const calm = evidence({ memories: [], entries });
  expect(spans(calm).map(({ what, to }) => [what, to - at(0)])).toEqual([
    ['replica-unfit', 6_000],
    ['replica-missing', 8_000],
  ]);
  expect(milestones(calm).map(({ what }) => what)).toEqual([
    'fault',
    'replica-unfit',
    'replica-missing',
    'healthy',
  ]);
});

test('a time that a busy machine has missed is no broken promise, and says so', () => {
  const late = { promise: 'a write within 10 s', isKept: false, found: 'after 45 s', isOfTime: true };
  expect(verdictLines(late, false, 1)[0]).toBe('✗ a write within 10 s');
  expect(verdictLines(late, false, 4.2)).toEqual([
    '– a write within 10 s',
    expect.stringContaining('after 45 s; not decided: this machine was 4.2 times as slow as it is alone'),
    expect.stringContaining('quiet'),
  ]);
  const of = (slowness: number) => ({ ...report(evidence({ slowness })), verdicts: [late] });
  expect(printedSummary([of(1), of(4.2)])).toEqual([
    expect.stringMatching(/^✗ .* broken: a write within 10 s/),
    expect.stringMatching(/^✓ .* slow machine: a write/),
  ]);
  expect([isKept(of(1)), isKept(of(4.2))]).toEqual([false, true]);
});

test('milestones are in the order of time', () => {
  expect(milestones(evidence()).map(({ at: when, what }) => [(when - at(0)) / 1000, what])).toEqual([
    [0, 'fault'],
    [0.3, 'suspected'],
    [2.2, 'decided'],
    [2.9, 'fenced'],
    [2.9, 'promote asked'],
    [3.9, 'promoted'],
    [4.3, 'open'],
    [8.3, 'healed'],
  ]);
});

test('only gaps that are worth it have a bar', () => {
  expect(gaps(evidence())).toEqual([{ what: 'no writes', from: at(0), to: at(4.7), isGap: true }]);
});

test('bars stand where their time is', () => {
  const bars = printedSpans(
    [
      { what: 'detect', from: at(0), to: at(4.5) },
      { what: 'fence', from: at(4.5), to: at(4.5) },
      { what: 'no writes', from: at(-1), to: at(9), isGap: true },
    ],
    { faultAt: at(0), endedAt: at(9) },
    false,
  );
  expect(bars).toEqual([
    `detect            0.0 –    4.5 s  ${'█'.repeat(22)}`,
    `fence             4.5 –    4.5 s  ${' '.repeat(22)}█`,
    `no writes        -1.0 –    9.0 s  ${'░'.repeat(44)}`,
  ]);
});

test('the whole report', () => {
  expect(printedReport(report(), { colour: false, isVerbose: false })).toMatchSnapshot();
});

test('what is missing is told, and whether that was to be expected', () => {
  const text = (given: ReturnType<typeof evidence>) =>
    printedReport(report(given), { colour: false, isVerbose: false }).join('\n');
  expect(text(missing(-0.2, 'mysite-primary'))).toMatch(
    /1 of 4 acknowledged writes are missing,\s+1 of them past/,
  );
  expect(text(missing(4.7, 'mysite-replica-1'))).toMatch(
    /1 of 4 acknowledged writes are missing,\s+0 of them past/,
  );
});

test('it fits into 80 columns, with the journal as well where that is wanted', () => {
  const lines = printedReport(report(), { colour: false, isVerbose: false });
  expect(lines.filter((line) => columns(line) > 80)).toEqual([]);
  expect(printedReport(report(), { colour: false, isVerbose: true }).join('\n')).toContain(
    'epoch 1 steady: promote db-B',
  );
});

test('a broken promise has a cross, and the summary names it', () => {
  expect(verdictLines(report().verdicts[1]!, false, 1)[0]).toBe('✗ no key is given out twice');
  expect(printedSummary([report()])).toEqual([
    '✗ primary-killed                  9.0 s  broken: no key is given out twice',
  ]);
});

test('the JSON has verdicts, a timeline in seconds, and not the ledger', () => {
  const [one] = JSON.parse(asJson([report()])) as [Record<string, unknown>];
  expect(one).toMatchObject({ drill: 'primary-killed', verdicts: [{ isKept: true }, { isKept: false }] });
  expect((one['timeline'] as { seconds: number }[]).at(-1)).toMatchObject({ seconds: 8.3, what: 'healed' });
  expect(one).not.toHaveProperty('ledger');
});

test('drills have names of their own, and a clause that fits into a line', () => {
  const names = DRILLS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(DRILLS.filter(({ name, about }) => columns(name) > 27 || columns(about) > 51)).toEqual([]);
});
