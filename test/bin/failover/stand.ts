/** A journal in memory, a clock that stands still, and a controller that does what a test has written for it. */
import { resolve } from 'node:path';
import type { JournalAccess } from '../../../bin/failover/journal';
import { run } from '../../../bin/failover/run';
import type { Surroundings } from '../../../bin/failover/surroundings';
import type { Answer, Memory, Summary } from '../../../lambda/failover/memory';
import type { Command, Entry, Hold, Stored } from '../../../lambda/failover/ports';

export const NOW = Date.UTC(2026, 7, 3, 12, 0, 0);

export const PRIMARY: Summary = {
  resourceId: 'db-P',
  identifier: 'mysite-primary',
  role: 'primary',
  status: 'available',
  reached: true,
  fit: true,
  received: '16/B374D848',
  lagMillis: 0,
  readerWeight: 0,
};

export const replica = (number: number, changes: Partial<Summary> = {}): Summary => ({
  resourceId: `db-R${number}`,
  identifier: `mysite-replica-${number}`,
  role: 'replica',
  status: 'available',
  reached: true,
  fit: true,
  received: '16/B374D848',
  lagMillis: 240,
  readerWeight: 100,
  ...changes,
});

export const HEALTHY: Memory = {
  phase: 'steady',
  epoch: 3,
  primary: 'db-P',
  retired: [],
  unfitSince: {},
  creating: {},
  backoff: {},
  inFlight: [],
  stackPolicy: 'open',
  state: { name: 'healthy', since: NOW - 3 * 3600_000, reasons: [] },
  seen: [PRIMARY, replica(1), replica(2)],
  roundAt: NOW - 2_000,
};

/** What the controller does in one of its rounds. */
export type Round = (stored: Stored) => Partial<Stored> | undefined;

export class FakeJournal implements JournalAccess {
  stored: Stored;
  log: Entry[] = [];
  readonly puts: Command[] = [];
  closed = 0;

  constructor(memory: Memory | undefined = HEALTHY, more: Partial<Stored> = {}) {
    this.stored = { version: 7, memory, lease: { owner: 'run-1', beat: 12 }, ...more };
  }

  read = async () => this.stored;
  entries = async (limit: number) => this.log.slice(0, limit);
  now = () => NOW;
  close = () => void this.closed++;

  async hold(hold: Hold): Promise<boolean> {
    if (this.stored.hold) return false;
    this.stored = { ...this.stored, hold };
    return true;
  }

  async release(): Promise<void> {
    this.stored = { ...this.stored, hold: undefined };
  }

  async put(command: Command): Promise<boolean> {
    if (this.stored.command) return false;
    this.puts.push(command);
    this.stored = { ...this.stored, command };
    return true;
  }

  async withdraw(id: string): Promise<boolean> {
    if (this.stored.command?.id !== id) return false;
    this.stored = { ...this.stored, command: undefined };
    return true;
  }
}

/** A round that only changes memory. */
export const remembers =
  (changes: Partial<Memory>): Round =>
  ({ memory }) => ({ memory: { ...memory!, ...changes } });

/** A round that answers the command that waits, and begins what follows from it. */
export const answers =
  (outcome: Answer['outcome'], sentence: string, changes: Partial<Memory> = {}): Round =>
  (stored) => {
    const { command, memory } = stored;
    if (!command) throw new Error('no command waits');
    const answer = { command: command.id, outcome, sentence, at: memory!.roundAt! };
    return { command: undefined, memory: { ...memory!, ...changes, answer } };
  };

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Questions that were asked. */
  readonly asked: readonly string[];
}

export interface Stand {
  readonly journal?: FakeJournal;
  /** One a second, from when the command first waits. */
  readonly rounds?: readonly Round[];
  readonly answer?: string;
  readonly tty?: boolean;
  /** Ctrl-C while it waits for the so-manieth time. */
  readonly interruptAt?: number;
  readonly changes?: Partial<Surroundings>;
}

/** Runs a command line as the terminal would; the time zone of the process is that of the machine. */
export const said = (args: readonly string[] | string, stand: Stand = {}): Promise<Said> =>
  saidBy(run, args, stand);

/** The same of another program that reads the journal. */
export async function saidBy(
  program: typeof run,
  args: readonly string[] | string,
  stand: Stand = {},
): Promise<Said> {
  const { journal = new FakeJournal(), answer, tty = answer !== undefined } = stand;
  const ending = new AbortController();
  const rounds = [...(stand.rounds ?? [])];
  const written = { out: '', err: '' };
  const asked: string[] = [];
  let now = NOW;
  let waits = 0;
  journal.now = () => now;
  const code = await program(typeof args === 'string' ? args.split(' ').filter(Boolean) : args, {
    out: { isTTY: tty, write: (text: string) => void (written.out += text) },
    err: { write: (text) => void (written.err += text) },
    env: { NO_COLOR: '1' },
    ...(answer !== undefined && {
      ask: async (question: string) => {
        asked.push(question);
        return answer;
      },
    }),
    signal: ending.signal,
    sleep: async (milliseconds) => {
      now += milliseconds;
      waits += 1;
      if (waits > 2_000) throw new Error('the command waits for ever');
      if (waits === stand.interruptAt) return ending.abort();
      const { stored } = journal;
      const memory = stored.memory && { ...stored.memory, roundAt: now };
      const alive = { ...stored, version: stored.version + 1, memory };
      const next = rounds.shift();
      if (next) journal.stored = { ...alive, ...next(alive) };
      // A controller without a script is a silent one.
    },
    by: 'anna@laptop',
    project: resolve(__dirname, '../../..'),
    trial: '/nowhere',
    open: async () => journal,
    ...stand.changes,
  });
  return { code, ...written, asked };
}
