/** The same commands, answered by the controller's own decision: what is typed here and what is decided there fit. */
import { decide } from '../../../lambda/failover/decide';
import {
  type Changes,
  T0,
  dead,
  healthyMemory,
  look,
  notReceiving,
  policy,
  quarantined,
  says,
} from '../../lambda/failover/builders';
import { FakeJournal, NOW, type Round, said } from './stand';

/** A round that sees a group with these changes. */
const sees =
  (changes: Changes = {}): Round =>
  ({ memory, hold, command }) => {
    const now = memory!.roundAt!;
    const decision = decide(look(changes, { at: now - T0 }), memory!, policy, { hold, command });
    const isAnswered = decision.memory.answer !== memory!.answer;
    return { memory: decision.memory, ...(isAnswered && { command: undefined }) };
  };

/** What the controller knows after its first look. */
function journalAfter(changes: Changes = {}): FakeJournal {
  const { memory } = decide(look(changes, { at: NOW - 2_000 - T0 }), healthyMemory, policy, {});
  return new FakeJournal(memory);
}

const FAR_BEHIND = { 'replica-2': says({ heartbeat: { at: NOW - 47_000, epoch: 1 } }) };

test('a healthy group is shown as one', async () => {
  const { out } = await said('status', { journal: journalAfter() });
  expect(out).toMatch(/✓ healthy for 2\.0 s/);
  expect(out).toMatch(/✓ mysite-replica-2 replica {3}available +0\.0 s/);
});

test('who is too far behind is refused with both figures, and what to do', async () => {
  const { code, err } = await said('switchover --to replica-2 --yes', {
    journal: journalAfter(FAR_BEHIND),
    rounds: [sees(FAR_BEHIND)],
  });
  expect(code).toBe(1);
  expect(err).toMatch(
    /^The controller refuses: mysite-replica-2 is 48 s behind, the limit is 30 s; wait, or choose another with --to\.\n$/,
  );
});

test('a switchover is taken up: the writers are stopped first', async () => {
  const journal = journalAfter();
  const { code, out } = await said('switchover --to replica-2 --yes', {
    journal,
    rounds: [sees(), sees({ primary: quarantined })],
    interruptAt: 4,
  });
  expect(code).toBe(130);
  expect(out).toContain('mysite-replica-2 takes over from mysite-primary');
  expect(out).toMatch(/decided +switchover, asked for by anna@laptop/);
  expect(out).toMatch(/phase +fencing: /);
  expect(journal.stored.memory).toMatchObject({ phase: 'fencing', failover: { candidate: 'db-replica-2' } });
});

test('hold is seen, refuses what comes, and ends', async () => {
  const journal = journalAfter();
  expect((await said('hold --why x', { journal, rounds: [sees()] })).out).toMatch(/has seen it/);
  expect((await said('names --yes', { journal })).err).toMatch(/^On hold by anna@laptop/);
  expect((await said('release', { journal, rounds: [sees()] })).out).toMatch(/acts again/);
});

test.each([
  ['acknowledge', 'there is nothing to acknowledge'],
  ['names --yes', 'every database has its usual name already'],
])('%s, with nothing to do, is refused: %s', async (command, sentence) => {
  const { code, err } = await said(command, { journal: journalAfter(), rounds: [sees()] });
  expect(code).toBe(1);
  expect(err).toContain(`The controller refuses: ${sentence}`);
});

test('a primary that is dead is shown as suspected, and promote begins what a switchover may not', async () => {
  const gone = { primary: dead, 'replica-1': notReceiving, 'replica-2': notReceiving };
  const journal = journalAfter(gone);
  expect((await said('status', { journal })).out).toContain('primary-suspected');
  expect((await said('switchover --yes', { journal })).err).toContain('mysite-primary does not answer');
  const { out } = await said('promote --why dead --yes', { journal, rounds: [sees(gone)], interruptAt: 3 });
  expect(out).toMatch(/accepted +the replica that has most is promoted/);
  expect(journal.stored.memory).toMatchObject({ phase: 'fencing', failover: { kind: 'promote' } });
});
