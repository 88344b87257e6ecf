import type { Memory } from '../../../lambda/failover/memory';
import type { Commit } from '../../../lambda/failover/ports';
import { JournalTable } from '../../../trial/simulation/journal';

const MEMORY = { phase: 'steady', epoch: 0 } as Memory;
const commit = (version: number, owner: string, more: Partial<Commit> = {}): Commit => ({
  version,
  owner,
  memory: MEMORY,
  entries: [],
  notOnHold: false,
  ...more,
});

const table = () => new JournalTable(() => 0);

test('one takes the lease, another does not, until it is given back', () => {
  const journal = table();
  const seen = journal.read();
  expect(journal.take(seen, 'one')).toBe(true);
  expect(journal.take(seen, 'other')).toBe(false);
  journal.release('other');
  expect(journal.owner).toBe('one');
  journal.release('one');
  expect(journal.take(journal.read(), 'other')).toBe(true);
});

test('a lease that was seen to stand still can be taken; who has lost it writes nothing', () => {
  const journal = table();
  journal.take(journal.read(), 'one');
  expect(journal.commit(commit(0, 'one'))).toBe('written');
  const seen = journal.read();
  expect(journal.take(seen, 'other')).toBe(true);
  expect(journal.commit(commit(1, 'one'))).toBe('lost');
  expect(journal.commit(commit(0, 'other'))).toBe('lost');
  expect(journal.commit(commit(1, 'other'))).toBe('written');
});

test('a sign of life in between keeps the lease', () => {
  const journal = table();
  journal.take(journal.read(), 'one');
  const seen = journal.read();
  journal.commit(commit(0, 'one'));
  expect(journal.take(seen, 'other')).toBe(false);
});

test('on hold nothing is written that a change follows', () => {
  const journal = table();
  journal.take(journal.read(), 'one');
  journal.hold = { by: 'somebody', at: 0, why: 'a look' };
  expect(journal.commit(commit(0, 'one', { notOnHold: true }))).toBe('held');
  expect(journal.read().version).toBe(0);
  expect(journal.commit(commit(0, 'one'))).toBe('written');
});

test('an answered command is gone, another one stays; memory is what JSON keeps', () => {
  const journal = table();
  journal.take(journal.read(), 'one');
  journal.command = { id: 'c', by: 'x', at: 0, kind: 'names' };
  journal.commit(commit(0, 'one', { answered: 'b' }));
  expect(journal.command).toBeDefined();
  journal.commit(commit(1, 'one', { answered: 'c', memory: { ...MEMORY, primary: undefined } as never }));
  expect(journal.command).toBeUndefined();
  expect('primary' in journal.read().memory!).toBe(false);
});
