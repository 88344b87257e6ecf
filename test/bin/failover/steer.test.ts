/** Commands that the controller answers: a scripted one does, a round a second. */
import type { Memory } from '../../../lambda/failover/memory';
import { Failure } from '../../../lib/terminal/failure';
import type { StateName } from '../../../lambda/failover/states';
import { FakeJournal, HEALTHY, NOW, PRIMARY, type Round, answers, remembers, replica, said } from './stand';

const at = (name: StateName, since: number, ...reasons: string[]) => ({ name, since: NOW + since, reasons });

const REST: Round = () => undefined;

const FAILOVER = {
  kind: 'switchover',
  by: 'anna@laptop',
  from: 'db-P',
  decidedAt: NOW + 2_000,
  fence: { 'db-P': { inForceAt: NOW + 3_000 } },
  candidate: 'db-R2',
  siblings: ['db-R1'],
} as const;

const FENCED = {
  ...FAILOVER,
  fence: { 'db-P': { inForceAt: NOW + 3_000, verifiedAt: NOW + 3_500, evidence: 'restarted' } },
  fencedAt: NOW + 3_500,
  promoteAskedAt: NOW + 3_900,
};

const OPENED = { ...FENCED, promotedAt: NOW + 5_100, openedAt: NOW + 5_400 };

/** As the controller would go through a switchover, a round each. */
const SWITCHOVER: readonly Round[] = [
  REST,
  answers('accepted', 'mysite-replica-2 takes over from mysite-primary', {
    phase: 'fencing',
    failover: FAILOVER,
    state: at('fencing', 2_000),
  }),
  remembers({ phase: 'promoting', epoch: 4, failover: FENCED, state: at('promoting', 3_500) }),
  REST,
  REST,
  remembers({
    phase: 'healing',
    primary: 'db-R2',
    failover: OPENED,
    state: at('healing', 5_500),
    seen: [{ ...replica(2), role: 'primary' }, replica(1, { fit: false, status: 'creating' })],
  }),
  remembers({ seen: [{ ...replica(2), role: 'primary' }, replica(1)] }),
  remembers({ phase: 'steady', failover: undefined, state: at('healed', 8_000) }),
];

/** Times of day are the machine's. */
const timeless = (text: string) => text.replace(/^\d\d:\d\d:\d\d /gm, '');

describe('followed to its end', () => {
  test('a switchover, milestone by milestone', async () => {
    const journal = new FakeJournal();
    const { code, out, err } = await said('switchover --to replica-2 --yes', { journal, rounds: SWITCHOVER });
    expect([code, err]).toEqual([0, '']);
    expect(timeless(out)).toMatchInlineSnapshot(`
      "switchover: waits for the controller's next round …
      +2.0 s   accepted       mysite-replica-2 takes over from mysite-primary
      +2.0 s   decided        switchover, asked for by anna@laptop
      +2.0 s   phase          fencing: clients are kept away from the old
                                       primary
      +3.0 s   quarantine     of mysite-primary is in force
      +3.5 s   out of reach   mysite-primary: restarted
      +3.5 s   fenced         no client reaches the old primary
      +3.5 s   phase          promoting: a replica is chosen and promoted
      +3.9 s   asked RDS      to promote mysite-replica-2
      +5.1 s   promoted       mysite-replica-2 is out of recovery
      +5.4 s   open           mysite-replica-2 has proved a write
      +5.5 s   phase          healing: the new primary takes the writes; its
                                       replicas are made anew
      +6.0 s   replicas       0 of 1 that follow the new primary are fit
      +7.0 s   replicas       1 of 1 that follow the new primary is fit
      +8.0 s   phase          steady: the group is whole
      The group is whole again, under epoch 4.
      "
    `);
    expect(journal.puts).toEqual([
      expect.objectContaining({ kind: 'switchover', to: 'mysite-replica-2', by: 'anna@laptop', at: NOW }),
    ]);
  });

  test('as JSON: one document, when it has ended', async () => {
    const { code, out, err } = await said('switchover --yes --json', { rounds: SWITCHOVER });
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({
      command: { kind: 'switchover', by: 'anna@laptop' },
      outcome: 'done',
      sentence: 'The group is whole again, under epoch 4.',
      progress: expect.arrayContaining([
        expect.objectContaining({ what: 'accepted' }),
        expect.objectContaining({ what: 'out of reach', at: NOW + 3_500 }),
      ]),
    });
  });

  test('refused by the controller: its sentence, and exit code 1', async () => {
    const sentence = 'mysite-replica-2 is 48 s behind, the limit is 30 s; wait, or choose another with --to';
    const rounds = [answers('refused', sentence)];
    const { code, err } = await said('switchover --to replica-2 --yes', { rounds });
    expect([code, err]).toEqual([1, `The controller refuses: ${sentence}.\n`]);
  });

  test('given up: the old primary goes on', async () => {
    const rounds = [
      SWITCHOVER[1]!,
      remembers({
        phase: 'steady',
        failover: undefined,
        state: { name: 'switchover-given-up', since: NOW, reasons: ['mysite-replica-2 lacks 3 MB'] },
      }),
    ];
    const { code, err } = await said('switchover --yes', { rounds });
    expect([code, err]).toEqual([1, 'The old primary goes on: mysite-replica-2 lacks 3 MB.\n']);
  });

  test('what waits for a human is said with what to type', async () => {
    const rounds = [
      ...SWITCHOVER.slice(0, 2),
      remembers({
        state: { name: 'fence-unverified', since: NOW + 300_000, reasons: ['a session is left'] },
      }),
      ...SWITCHOVER.slice(2),
    ];
    const { out } = await said('promote --why dead --yes', { rounds });
    expect(out).toMatch(/state +fence-unverified: the fence could not be shown/);
    expect(out).toContain('    to do: npm run failover -- promote --without-fence --why "…" goes on');
  });

  test('a controller that falls silent is said to be, once', async () => {
    const silent: Round[] = Array.from({ length: 200 }, () => ({ memory }) => ({
      memory: { ...memory!, roundAt: NOW + 2_000 },
    }));
    const rounds = [...SWITCHOVER.slice(0, 3), ...silent, ...SWITCHOVER.slice(3)];
    const { code, out } = await said('switchover --yes', { rounds });
    expect(code).toBe(0);
    expect(out.match(/no sign of life/g)).toHaveLength(1);
  });

  test('without the network it is tried again, and said once; after a minute it ends with what to do', async () => {
    const journal = new FakeJournal();
    let reads = 0;
    const failing = (from: number, to: number) => async () => {
      reads += 1;
      if (reads >= from && reads < to) throw new Failure('AWS cannot be reached: ENOTFOUND.');
      return journal.stored;
    };
    journal.read = failing(5, 8);
    const rounds = [...SWITCHOVER.slice(0, 4), REST, REST, REST, ...SWITCHOVER.slice(4)];
    const { code, out } = await said('switchover --yes', { journal, rounds });
    expect(code).toBe(0);
    expect(out.match(/not seen +AWS cannot be reached/g)).toHaveLength(1);

    const lost = new FakeJournal();
    reads = 0;
    lost.read = async () => {
      if (++reads > 1) throw new Failure('AWS cannot be reached: ENOTFOUND.');
      return lost.stored;
    };
    expect(await said('switchover --yes', { journal: lost })).toMatchObject({
      code: 1,
      err: 'AWS cannot be reached: ENOTFOUND. What was asked for is in the journal all the same; npm run failover -- status shows what becomes of it.\n',
    });
  });

  test('acknowledge: an answer is its end', async () => {
    const journal = new FakeJournal();
    const rounds = [answers('accepted', 'another one may follow')];
    const { code, out, asked } = await said('acknowledge', { journal, rounds, answer: 'no' });
    expect([code, asked]).toEqual([0, []]);
    expect(out.trim().split('\n').at(-1)).toBe('Another one may follow.');
    expect(journal.puts).toHaveLength(1);
  });

  test('names, renaming by renaming', async () => {
    const naming = { since: NOW, by: 'anna@laptop' };
    const step = (reason: string) =>
      remembers({ naming, state: { name: 'naming', since: NOW, reasons: [reason] } });
    const rounds = [
      answers('accepted', 'databases get their usual names', {
        naming,
        state: { name: 'naming', since: NOW, reasons: ['mysite-primary becomes mysite-retired-3'] },
      }),
      step('mysite-replica-2 becomes mysite-primary'),
      step('mysite-primary is being renamed'),
      remembers({ naming: undefined, state: { name: 'healthy', since: NOW, reasons: [] } }),
    ];
    const { code, out } = await said('names --yes', { rounds });
    expect(code).toBe(0);
    expect(out).toContain('mysite-primary becomes mysite-retired-3');
    expect(out).toContain('mysite-replica-2 becomes mysite-primary');
    expect(out.trim().split('\n').at(-1)).toBe('Every database has its usual name.');
  });

  test('without an answer it is withdrawn, so that nobody acts on it later', async () => {
    const journal = new FakeJournal();
    const { code, err } = await said('switchover --yes', { journal });
    expect(code).toBe(1);
    expect(err).toMatch(/^The controller has not answered for 2 min, and the command was withdrawn/);
    expect(journal.stored.command).toBeUndefined();
  });
});

describe('Ctrl-C', () => {
  test('before the answer: it is withdrawn', async () => {
    const journal = new FakeJournal();
    const { code, err } = await said('switchover --yes', { journal, interruptAt: 2 });
    expect([code, err]).toEqual([130, 'Withdrawn before the controller had taken it: nothing happens.\n']);
    expect(journal.stored.command).toBeUndefined();
  });

  test('after it: the controller goes on', async () => {
    const { code, err } = await said('switchover --yes', { rounds: SWITCHOVER, interruptAt: 4 });
    expect([code, err]).toEqual([
      130,
      'The controller goes on by itself; npm run failover -- status --watch shows how far it is.\n',
    ]);
  });

  test('in the moment that the controller takes it: it goes on', async () => {
    const journal = new FakeJournal();
    journal.withdraw = async () => false;
    const { code, err } = await said('switchover --yes', { journal, interruptAt: 1 });
    expect(code).toBe(130);
    expect(err).toMatch(/^The controller goes on by itself/);
  });
});

describe('confirmation', () => {
  test.each(['switchover', 'promote --why x', 'names'])('%s asks, and no is no', async (command) => {
    const journal = new FakeJournal();
    const { code, err, asked } = await said(command, { journal, answer: 'no' });
    expect([code, err]).toEqual([1, 'Nothing was done.\n']);
    expect(asked).toEqual([expect.stringMatching(/^(switchover|promote|names)\? Type yes to go on: $/)]);
    expect(journal.puts).toEqual([]);
  });

  test('it shows what will happen and what that costs', async () => {
    const { out } = await said('switchover --to replica-2', { answer: '' });
    expect(out).toMatchInlineSnapshot(`
      "- mysite-replica-2 takes the writes over from mysite-primary.
      - Writers are stopped first, and the replica gets everything that mysite-primary
        has: nothing is lost. If that fails, mysite-primary goes on.
      - On AWS, writes stop for the restart of the old primary and the promotion,
        which "can take several minutes or longer" (RDS guide).
      - Afterwards the other replicas are created anew, up to 20 minutes each; until
        "names" a deployment may not touch the databases.
      "
    `);
    const forced = await said('promote --why x --without-fence --accept-loss', { answer: '' });
    expect(forced.out).toMatchInlineSnapshot(`
      "- The replica that has received the most is promoted, whether mysite-primary
        lives or not.
      - WITHOUT A FENCE: when a client can still reach mysite-primary, both take
        writes, and they part.
      - THE LOSS IS ACCEPTED: writes that the replica has not received are missing
        until a recovery puts them back.
      - On AWS, writes stop for the restart of the old primary and the promotion,
        which "can take several minutes or longer" (RDS guide).
      - Afterwards the other replicas are created anew, up to 20 minutes each; until
        "names" a deployment may not touch the databases.
      "
    `);
    expect((await said('names', { answer: '' })).out).toMatchInlineSnapshot(`
      "- The databases get the names of the template again, one after the other; now
        there are mysite-primary (primary), mysite-replica-1 (replica),
        mysite-replica-2 (replica).
      - On AWS each renaming restarts its instance, and its new address works after
        about 10 minutes (RDS guide): of the primary, that is a gap in writes.
      "
    `);
  });

  test('what has come in between counts: it is looked at again after the yes', async () => {
    const journal = new FakeJournal();
    const ask = async () => {
      await journal.hold({ by: 'bob@desk', at: NOW, why: 'an upgrade' });
      return 'yes';
    };
    const { code, err } = await said('switchover', { journal, changes: { ask } });
    expect(code).toBe(1);
    expect(err).toMatch(/^On hold by bob@desk/);
    expect(journal.puts).toEqual([]);
  });

  test('yes goes on', async () => {
    const journal = new FakeJournal();
    const { code } = await said('switchover', { journal, answer: 'Yes', rounds: SWITCHOVER });
    expect([code, journal.puts.length]).toEqual([0, 1]);
  });

  test.each(['switchover', 'promote --why x', 'names'])(
    '%s without a terminal needs --yes',
    async (command) => {
      const journal = new FakeJournal();
      const { code, err } = await said(command, { journal });
      expect(code).toBe(1);
      expect(err).toMatch(
        /changes the primary, and there is no terminal to ask at: give --yes if it is meant/,
      );
      expect(journal.puts).toEqual([]);
    },
  );

  test('with --json nobody is asked', async () => {
    const { code, out, asked } = await said('switchover --json', { answer: 'yes' });
    expect([code, asked]).toEqual([1, []]);
    expect(JSON.parse(out)).toMatchObject({ isRefusal: true, error: expect.stringContaining('--yes') });
  });
});

describe('refused at once, with nothing written', () => {
  const memory = (changes: Partial<Memory>): Memory => ({ ...HEALTHY, ...changes });
  const under = { phase: 'promoting', failover: { ...FAILOVER, kind: 'automatic' } } as const;

  test.each<[string, string, FakeJournal]>([
    [
      'switchover --to replica-3',
      'There is no replica "replica-3": did you mean replica-1? There is mysite-replica-1, mysite-replica-2.',
      new FakeJournal(),
    ],
    [
      'switchover --to db-7',
      'There is no replica "db-7": there is mysite-replica-1, mysite-replica-2.',
      new FakeJournal(),
    ],
    [
      'promote --why x --to primary',
      'mysite-primary is the primary already: a replica is mysite-replica-1, mysite-replica-2.',
      new FakeJournal(),
    ],
    [
      'switchover --to mysite-replica-2',
      'mysite-replica-2 cannot be reached: timeout: wait until it does, or choose another with --to.',
      new FakeJournal(
        memory({
          seen: [PRIMARY, replica(1), replica(2, { reached: false, why: 'cannot be reached: timeout' })],
        }),
      ),
    ],
    [
      'switchover',
      'There is no replica that could be promoted.',
      new FakeJournal(memory({ seen: [PRIMARY] })),
    ],
    [
      'switchover',
      'mysite-primary does not answer: a switchover needs it, to lose nothing. "promote" does without.',
      new FakeJournal(memory({ seen: [{ ...PRIMARY, reached: false }, replica(1)] })),
    ],
    [
      'acknowledge',
      'On hold by bob@desk, 5.0 s ago: "an upgrade". npm run failover -- release comes first.',
      new FakeJournal(HEALTHY, { hold: { by: 'bob@desk', at: NOW - 5_000, why: 'an upgrade' } }),
    ],
    [
      'names',
      'Another command waits for the controller: switchover to mysite-replica-1, by bob@desk 5.0 s ago. Look with npm run failover -- status.',
      new FakeJournal(HEALTHY, {
        command: { id: 'c', by: 'bob@desk', at: NOW - 5_000, kind: 'switchover', to: 'mysite-replica-1' },
      }),
    ],
    [
      'switchover',
      'The group is promoting: automatic failover is under way. Wait until it is steady; npm run failover -- status --watch shows it.',
      new FakeJournal(memory(under)),
    ],
    [
      'names',
      'The group is healing: the last failover is still under way. Wait until it is steady; npm run failover -- status --watch shows it.',
      new FakeJournal(memory({ phase: 'healing' })),
    ],
    [
      'names',
      'Databases are being given their usual names: that is under way already.',
      new FakeJournal(memory({ naming: { since: NOW, by: 'bob@desk' } })),
    ],
    [
      'names',
      'The controller has given no sign of life for 10 min: nobody would act on this. Look at its alarms and its log first.',
      new FakeJournal(memory({ roundAt: NOW - 600_000 })),
    ],
    [
      'acknowledge',
      'The controller has not looked yet: it begins within a minute of its deployment. Try again then.',
      new FakeJournal(undefined, {}),
    ],
    [
      'acknowledge',
      'The stack is being deleted: the controller does nothing any more.',
      new FakeJournal(memory({ closed: true })),
    ],
  ])('%s: %s', async (command, sentence, journal) => {
    if (sentence.startsWith('The controller has not looked')) journal.stored = { version: 0 };
    // --yes has no meaning to all of them; an answer nobody gets to give.
    const { code, out, err, asked } = await said(command, { journal, answer: 'yes' });
    expect([code, out, err, asked]).toEqual([1, '', `${sentence}\n`, []]);
    expect(journal.puts).toEqual([]);
  });

  test('promote is taken while a failover waits for a human', async () => {
    const journal = new FakeJournal(memory(under));
    const rounds = [answers('refused', 'a replica is being promoted already')];
    const { err } = await said('promote --why x --yes', { journal, rounds });
    expect(journal.puts).toHaveLength(1);
    expect(err).toBe('The controller refuses: a replica is being promoted already.\n');
  });

  test('somebody else was faster', async () => {
    const journal = new FakeJournal();
    journal.put = async () => false;
    const { code, err } = await said('acknowledge', { journal });
    expect(code).toBe(1);
    expect(err).toMatch(/^Another command has come first/);
  });
});
