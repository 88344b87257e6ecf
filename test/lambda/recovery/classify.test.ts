import { type Versions, classify } from '../../../lambda/recovery/classify';

const BASE = '(1,base)';
const LOST = '(1,lost)';
const HERE = '(1,here)';

const versions = (
  base: Versions['base'],
  lost: string | null,
  present: string | null,
  since = false,
): Versions => ({ base, lost, present, since });

describe('a change of the old primary alone is made', () => {
  it.each([
    ['inserted', versions('absent', LOST, null), 'insert'],
    ['updated', versions('present', LOST, BASE), 'update'],
    ['deleted', versions('present', null, BASE), 'delete'],
    ['updated, found by rows', versions('unknown', LOST, BASE), 'update'],
    ['deleted, found by rows', versions('unknown', null, BASE), 'delete'],
    ['deleted and inserted again', versions('present', LOST, BASE), 'update'],
  ] as const)('%s', (_, given, operation) => {
    expect(classify(given)).toEqual({ operation });
  });
});

describe('what both have done is a conflict, never an overwrite', () => {
  it.each([
    ['the key was given out again', versions('absent', LOST, HERE, true), 'insert', 'key taken'],
    ['both have updated', versions('present', LOST, HERE, true), 'update', 'both changed'],
    ['deleted here', versions('present', LOST, null), 'update', 'deleted here'],
    ['deleted there', versions('present', null, HERE, true), 'delete', 'changed here'],
    ['deleted here and inserted again', versions('present', LOST, HERE, true), 'update', 'both changed'],
    ['nobody knows whether it was inserted', versions('unknown', LOST, null), 'insert', 'cannot be told'],
    ['both wrote, base unknown', versions('unknown', LOST, HERE, true), 'update', 'both changed'],
    [
      'gone there, written here, base unknown',
      versions('unknown', null, HERE, true),
      'delete',
      'cannot be told',
    ],
  ] as const)('%s', (_, given, operation, kind) => {
    expect(classify(given)).toEqual({ operation, conflict: { kind, why: expect.stringMatching(/\.$/) } });
  });
});

it.each([
  ['both have written the same', versions('present', LOST, LOST, true)],
  ['both have inserted the same', versions('absent', LOST, LOST, true)],
  ['it was undone', versions('present', BASE, BASE)],
  ['both have deleted it', versions('present', null, null)],
  ['inserted and deleted again', versions('absent', null, null)],
  ['inserted and deleted again, and the key given out here', versions('absent', null, HERE, true)],
])('nothing is to be done when %s', (_, given) => {
  expect(classify(given)).toBeUndefined();
});
