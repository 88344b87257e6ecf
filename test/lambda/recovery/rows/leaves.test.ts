import { pairLeaves } from '../../../../lambda/recovery/rows/leaves';
import type { Session } from '../../../../lambda/recovery/session';

interface State {
  readonly oid?: string;
  readonly file?: string;
  readonly isChanged?: boolean;
  readonly blocks?: number;
}

/** A server that has one leaf, or none. */
const server = (state: State | undefined) =>
  ({
    ask: async () =>
      state ? [{ name: 'public.t', oid: '1', file: '10', isChanged: false, blocks: 5, ...state }] : [],
  }) as unknown as Session;

const pairOf = (there: State | undefined, here: State | undefined) =>
  pairLeaves(
    server(there),
    server(here),
    [{ name: 'public.t', schema: 'public', relation: 't', blocks: 0 }],
    'true',
  );

it.each<[what: string, by: string, there: State, here: State | undefined]>([
  ['the file of before the fork on both', 'places', {}, {}],
  ['the same, after a change of the definition there', 'places', { isChanged: true }, {}],
  ['the same, after a change of the definition here', 'places', {}, { isChanged: true }],
  ['a new file there', 'keys', { file: '11', isChanged: true }, {}],
  ['a new file here', 'keys', {}, { file: '11', isChanged: true }],
  [
    'new files of the same number by chance',
    'keys',
    { file: '11', isChanged: true },
    { file: '11', isChanged: true },
  ],
  ['another table of that name', 'keys', {}, { oid: '2' }],
  ['none here', 'old only', {}, undefined],
])('%s: compared by %s', async (_, by, there, here) => {
  expect(await pairOf(there, here)).toEqual([{ name: 'public.t', blocks: 5, by }]);
});

it('takes the larger one, and nothing that is not on the old primary', async () => {
  expect(await pairOf({ blocks: 7 }, { blocks: 9 })).toMatchObject([{ blocks: 9 }]);
  expect(await pairOf(undefined, {})).toEqual([]);
});
