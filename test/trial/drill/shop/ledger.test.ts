import type { Change } from '../../../../lambda/recovery/plan';
import { type Row, type Written, held } from '../../../../trial/drill/shop/ledger';

const OLD = '127.0.0.1:1';
const NEW = '127.0.0.1:2';

let time = 0;
const wrote = (
  address: string,
  mark: string,
  id: string,
  base: string | null,
  changes: { isDeleted?: boolean; isInDoubt?: boolean } = {},
): Written => ({
  at: ++time,
  address,
  mark,
  effects: [{ table: 'shop_orders', key: [id], mark: changes.isDeleted ? null : mark, base }],
  isInDoubt: changes.isInDoubt ?? false,
});

const row = (id: string, mark: string): Row => ({ table: 'shop_orders', key: [id], mark });

const change = (number: number, id: string, kind?: 'both changed'): Change => ({
  number,
  table: 'public.shop_orders',
  key: [id],
  operation: 'update',
  ...(kind && { conflict: { kind, why: 'both did' } }),
  lost: '',
  present: '',
  transactions: [],
});

const about = (changes: readonly Change[]) => ({ old: OLD, changes, told: [] });

it('is kept when each row is there, or named', () => {
  const ledger = [
    // There as the old one wrote it.
    wrote(OLD, 'a', '1', null),
    wrote(OLD, 'b', '1', 'a'),
    // Deleted by the old one.
    wrote(OLD, 'c', '2', 'x', { isDeleted: true }),
    // Changed by both: named.
    wrote(OLD, 'd', '3', 'x'),
    wrote(NEW, 'e', '3', 'x'),
    // Changed by the old one, replicated, then changed by the new one.
    wrote(OLD, 'f', '4', 'x'),
    wrote(NEW, 'g', '4', 'f'),
    // The new one's alone.
    wrote(NEW, 'h', '5', null),
    // Nobody knows.
    wrote(OLD, 'i', '6', 'x', { isInDoubt: true }),
    wrote(OLD, 'j', '7', 'x', { isInDoubt: true }),
    // Deleted by both, by the new one after a change.
    wrote(OLD, 'm', '9', 'x', { isDeleted: true }),
    wrote(NEW, 'n', '9', 'x'),
    wrote(NEW, 'n', '9', 'n', { isDeleted: true }),
    // Changed here between plan and apply.
    wrote(OLD, 'o', '10', 'x'),
    wrote(NEW, 'p', '10', 'x'),
    // Changed here while the first plan was applied: the second names it.
    wrote(OLD, 'k', '8', 'x'),
    wrote(NEW, 'l', '8', 'x'),
  ];
  const rows = [
    row('1', 'b'),
    row('3', 'e'),
    row('4', 'g'),
    row('5', 'h'),
    row('6', 'i'),
    row('7', 'x'),
    row('8', 'l'),
    row('10', 'p'),
  ];
  const changes = [
    change(1, '1'),
    change(2, '3', 'both changed'),
    change(3, '8'),
    change(1, '8', 'both changed'),
    change(4, '10'),
  ];
  const told = [{ table: 'public.shop_orders', key: ['10'] }];
  expect(held(ledger, rows, { ...about(changes), told })).toEqual({
    rows: 10,
    lost: 4,
    putBack: 1,
    named: { 'both changed': 2, 'changed since the plan': 1 },
    missing: [],
    altered: [],
    unknown: [],
  });
});

it.each([
  [
    'an insert that is not there',
    [wrote(OLD, 'a', '1', null)],
    [],
    ['shop_orders 1 is not there, and was a'],
  ],
  [
    'a delete that is undone',
    [wrote(OLD, 'a', '1', 'x', { isDeleted: true })],
    [row('1', 'x')],
    ['shop_orders 1 is x, and was deleted'],
  ],
  [
    'an old version',
    [wrote(OLD, 'a', '1', null), wrote(OLD, 'b', '1', 'a')],
    [row('1', 'a')],
    ['shop_orders 1 is a, and was b'],
  ],
  [
    'a lost version that the new primary has changed over, without a word',
    [wrote(OLD, 'a', '1', 'x'), wrote(NEW, 'b', '1', 'x')],
    [row('1', 'b')],
    ['shop_orders 1 is x, and was a when the new primary first wrote it'],
  ],
])('is broken by %s', (_, ledger, rows, missing) => {
  expect(held(ledger, rows, about([])).missing).toEqual(missing);
});

it('is broken by what the new primary wrote and is not so any more, and by what nobody wrote', () => {
  const ledger = [wrote(OLD, 'a', '1', 'x'), wrote(NEW, 'b', '1', 'x'), wrote(NEW, 'c', '2', null)];
  const found = held(ledger, [row('1', 'a'), row('9', 'z')], about([change(1, '1', 'both changed')]));
  expect(found.altered).toEqual(['shop_orders 1 is a, and was b', 'shop_orders 2 is not there, and was c']);
  expect(found.unknown).toEqual(['shop_orders 9: z']);
});
