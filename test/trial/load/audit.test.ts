import { audit } from '../../../trial/load/audit';
import type { Entry, Intended } from '../../../trial/load/ledger';
import { markOf, textOf } from '../../../trial/load/ledger';

const RUN = 'run-1';
const BEGUN: Entry = { event: 'begun', at: 0, run: RUN, url: 'http://localhost', seed: 1 };

let writes = 0;
beforeEach(() => void (writes = 0));

type Outcome = 'acknowledged' | 'unanswered' | '404' | '503' | 'cut off';

/** A write of note 1 and what came of it. */
function write(kind: Intended['kind'], revision: number, outcome: Outcome, note = 1): Entry[] {
  const number = ++writes;
  const intended: Entry = { event: 'intended', write: number, at: 0, client: 'a', kind, note, revision };
  if (outcome === 'unanswered') return [intended];
  if (outcome !== 'acknowledged')
    return [intended, { event: 'not acknowledged', write: number, at: 1, why: outcome }];
  return [intended, { event: 'acknowledged', write: number, at: 1, id: note, server: 's', database: 'd' }];
}

const seen = (...revisions: number[]) =>
  revisions.map((revision, index) => ({ id: index + 1, text: textOf({ run: RUN, note: 1, revision }) }));

const created = () => write('create', 1, 'acknowledged');

test.each<[string, () => Entry[], number[], number[]]>([
  ['a creation that is there', () => created(), [1], []],
  ['a creation that is not', () => created(), [], [1]],
  ['a change that is there', () => [...created(), ...write('change', 2, 'acknowledged')], [2], []],
  ['a change that was undone', () => [...created(), ...write('change', 2, 'acknowledged')], [1], [2]],
  ['a changed note that is gone', () => [...created(), ...write('change', 2, 'acknowledged')], [], [1, 2]],
  ['a deletion', () => [...created(), ...write('delete', 1, 'acknowledged')], [], []],
  ['a deletion that was undone', () => [...created(), ...write('delete', 1, 'acknowledged')], [1], [2]],
  ['gone by a deletion in doubt', () => [...created(), ...write('delete', 1, 'unanswered')], [], []],
  [
    'gone, though its deletion was refused as there was nothing',
    () => [...created(), ...write('delete', 1, '404')],
    [],
    [1],
  ],
  ['a change in doubt that is there', () => [...created(), ...write('change', 2, 'cut off')], [2], []],
  ['nothing acknowledged', () => write('create', 1, '503'), [], []],
])('%s', (_, entries, revisions, missing) => {
  const found = audit([BEGUN, ...entries()], seen(...revisions));
  expect(found.missing.map((lost) => lost.write)).toEqual(missing);
  expect(found.there + found.missing.length).toBe(found.acknowledged);
});

test('in doubt is what was neither acknowledged nor refused', () => {
  const entries = [
    BEGUN,
    ...created(),
    ...write('change', 2, 'cut off'),
    ...write('create', 1, 'unanswered', 2),
    ...write('create', 1, '503', 3),
    ...write('delete', 1, '404', 4),
  ];
  expect(audit(entries, seen(2)).inDoubt).toEqual({ there: 1, notThere: 2 });
});

test('a note that is there twice is told; notes of others are no matter', () => {
  const others = [
    { id: 8, text: textOf({ run: 'run-2', note: 1, revision: 1 }) },
    { id: 9, text: 'load run-1, note 1' },
  ];
  expect(audit([BEGUN, ...created()], [...seen(1), ...others]).doubled).toEqual([]);
  expect(audit([BEGUN, ...created()], seen(1, 1)).doubled).toEqual([1]);
});

test('a mark is read as it was written', () => {
  const mark = { run: 'abc-12-1', note: 7, revision: 3 };
  expect(markOf(textOf(mark))).toEqual(mark);
  expect([undefined, 7, '', 'load a, note x, revision 1'].map(markOf)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
