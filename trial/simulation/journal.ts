/** The controller's table, with the conditions that DynamoDB checks. */
import type { Command, Commit, Entry, Hold, Stored } from '../../lambda/failover/ports';
import type { Memory } from '../../lambda/failover/memory';

/** What is left of a value that is written as JSON and read again; half as long as doing so. */
function asJson<T>(value: T): T {
  if (typeof value === 'number') return (Number.isFinite(value) ? value : null) as T;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one: unknown) => (one === undefined ? null : asJson(one))) as T;
  const copy: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(value)) if (one !== undefined) copy[key] = asJson(one);
  return copy as T;
}

export class JournalTable {
  private version = 0;
  private parsed?: Memory;
  private lease?: { owner: string; beat: number };
  private beats = 0;
  hold?: Hold;
  command?: Command;
  private commands = 0;
  readonly entries: Entry[] = [];
  /** Of the last commit: who, which entries, and when, by the world's clock. */
  last?: {
    readonly owner: string;
    readonly entries: readonly Entry[];
    readonly at: number;
    readonly version: number;
  };
  readonly onCommit: ((before: Memory | undefined, commit: Commit) => void)[] = [];

  constructor(private readonly now: () => number) {}

  /** What was last written; not to be changed. */
  get memory(): Memory | undefined {
    return this.parsed;
  }

  get owner(): string | undefined {
    return this.lease?.owner;
  }

  get currentVersion(): number {
    return this.version;
  }

  nextCommand = (): number => ++this.commands;

  read(): Stored {
    return {
      version: this.version,
      memory: this.parsed,
      lease: this.lease && { ...this.lease },
      hold: this.hold,
      command: this.command,
    };
  }

  take(stored: Stored, owner: string): boolean {
    if (stored.version !== this.version || stored.lease?.owner !== this.lease?.owner) return false;
    this.lease = { owner, beat: ++this.beats };
    return true;
  }

  commit(commit: Commit): 'written' | 'lost' | 'held' {
    if (commit.version !== this.version || commit.owner !== this.lease?.owner) return 'lost';
    if (commit.notOnHold && this.hold) return 'held';
    const before = this.parsed;
    this.version++;
    this.lease = { owner: commit.owner, beat: ++this.beats };
    // Nobody changes it: one copy is enough, and shows what JSON does not keep.
    this.parsed = asJson(commit.memory);
    this.entries.push(...commit.entries);
    if (commit.answered !== undefined && this.command?.id === commit.answered) delete this.command;
    this.last = { owner: commit.owner, entries: commit.entries, at: this.now(), version: this.version };
    for (const listen of this.onCommit) listen(before, commit);
    return 'written';
  }

  release(owner: string): void {
    if (this.lease?.owner === owner) delete this.lease;
  }
}
