/** Where a drill happens: the trial and the controller's journal, watched all the time; faults, commands, and waiting. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Memory } from '../../lambda/failover/memory';
import type { Stored } from '../../lambda/failover/ports';
import type { Fault, Running, TrialFacts } from '../control/contract';
import { TrialFailure } from '../failure';
import { fetchFacts, sendFault } from '../view/source';
import { type Commit, Rivals, serverAddress, writerCredentials } from './clients';
import { GoalMissed, type Mark } from './drill';
import { type Look, missing } from './group';
import type { Asked, Journal } from './journal';

export interface SceneOptions {
  readonly running: Running;
  /** Of the trial: with `running.json`. */
  readonly trialFolder: string;
  readonly journal: Journal;
  /** Tells a person what is going on. */
  readonly say: (text: string) => void;
  /** Aborts when somebody wants the end. */
  readonly signal: AbortSignal;
}

/** How often the journal is read: what the controller remembers for a moment only must be seen. */
const WATCH_MILLIS = 200;

const LOOK_MILLIS = 250;
const SOON_MILLIS = 30;

/** At time scale 0 seconds are usual: whoever waits for so long waits for ever. */
const PATIENCE_SECONDS = 180;

export class Interrupted extends TrialFailure {}

export class Scene {
  readonly marks: Mark[] = [];
  /** Each that differed from the one before in what a drill looks at. */
  readonly memories: Memory[] = [];
  readonly running: Running;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  get trialFolder(): string {
    return this.options.trialFolder;
  }

  /** Before the first fault. */
  before!: TrialFacts;
  private readonly ending = new AbortController();
  private watching: Promise<void> = Promise.resolve();
  private rivalling?: Rivals;

  constructor(private readonly options: SceneOptions) {
    this.running = options.running;
    this.journal = options.journal;
    this.signal = options.signal;
  }

  /** How many replicas there were in the beginning. */
  get replicas(): number {
    return this.before.databases.filter(({ role }) => role === 'replica').length;
  }

  /** When the first fault was asked for. */
  get faultAt(): number | undefined {
    return this.marks[0]?.at;
  }

  watch(): void {
    this.watching = this.follow();
  }

  /** Epoch before the first fault. */
  get epochBefore(): number {
    return this.memories[0]?.epoch ?? 0;
  }

  async end(): Promise<void> {
    this.ending.abort();
    await this.endRivals();
    await this.watching;
  }

  async look(): Promise<Look> {
    const [facts, stored] = await Promise.all([fetchFacts(this.running), this.journal.read()]);
    this.note(stored);
    this.rivalling?.follow(facts.databases);
    return { facts, stored };
  }

  /** @returns what was done, a sentence. The moment that counts is the one before it was asked for. */
  async fault(fault: Fault, what = 'fault'): Promise<string> {
    const at = Date.now();
    const done = await sendFault(this.running, fault);
    this.mark(what, done, at);
    return done;
  }

  mark(what: string, text: string, at = Date.now()): void {
    this.marks.push({ at, what, text });
    this.say(`${what}: ${text}`);
  }

  say(text: string): void {
    this.options.say(text);
  }

  /** Puts a command as people do, and waits until the controller has answered. @throws GoalMissed when it refuses */
  async command(asked: Asked): Promise<string> {
    const id = await this.journal.put(asked);
    const { stored } = await this.until(
      `an answer to ${asked.kind}`,
      ({ stored: { memory } }) => memory?.answer?.command === id,
    );
    const { outcome, sentence } = stored.memory!.answer!;
    if (outcome === 'refused') throw new GoalMissed(`${asked.kind} was refused: ${sentence}`);
    return sentence;
  }

  /**
   * Looks again and again.
   *
   * @param what a noun for what is waited for
   * @returns the look at which it held
   * @throws GoalMissed when that takes too long, Interrupted when somebody wants the end
   */
  async until(
    what: string,
    holds: (look: Look) => boolean,
    patienceSeconds = PATIENCE_SECONDS,
  ): Promise<Look> {
    let last: Look | undefined;
    for (const end = Date.now() + patienceSeconds * 1000; Date.now() < end; await sleep(LOOK_MILLIS)) {
      if (this.signal.aborted) throw new Interrupted('The drill was ended before it was over.');
      // While everything is down at once, an emulator on a busy machine may be late to answer.
      last = (await this.look().catch(() => undefined)) ?? last;
      if (last && holds(last)) return last;
    }
    const state = last?.stored.memory?.state;
    throw new GoalMissed(
      `${what} did not come within ${patienceSeconds} s; the controller says ${state?.name ?? 'nothing'}: ${state?.reasons.join('; ')}`,
    );
  }

  /** As `until`, by the journal alone and as often as it can be read: for what lasts for a moment. */
  async soon(what: string, holds: (memory: Memory) => boolean): Promise<Memory> {
    for (const end = Date.now() + PATIENCE_SECONDS * 1000; Date.now() < end; await sleep(SOON_MILLIS)) {
      if (this.signal.aborted) throw new Interrupted('The drill was ended before it was over.');
      const stored = await this.journal.read().catch(() => undefined);
      if (stored) this.note(stored);
      if (stored?.memory && holds(stored.memory)) return stored.memory;
    }
    throw new GoalMissed(`${what} did not come within ${PATIENCE_SECONDS} s`);
  }

  /** From now on clients try to write to every database. */
  async rivals(): Promise<void> {
    const credentials = await writerCredentials(this.running);
    this.rivalling = new Rivals(credentials, serverAddress(this.before));
    this.rivalling.follow(this.before.databases);
  }

  /** @returns what they managed to write */
  async endRivals(): Promise<readonly Commit[]> {
    await this.rivalling?.end();
    return this.rivalling?.commits ?? [];
  }

  /** Until writes and reads go where they belong, and as many replicas as before are fit. */
  whole(what = 'a whole group', patienceSeconds?: number): Promise<Look> {
    return this.until(what, (look) => missing(look, this.replicas) === undefined, patienceSeconds);
  }

  /** @throws Interrupted */
  async pause(seconds: number): Promise<void> {
    await sleep(seconds * 1000, undefined, { signal: this.signal }).catch(() => {
      throw new Interrupted('The drill was ended before it was over.');
    });
  }

  private async follow(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      await this.journal.read().then(
        (stored) => this.note(stored),
        () => undefined,
      );
      await sleep(WATCH_MILLIS, undefined, { signal }).catch(() => undefined);
    }
  }

  private note({ memory }: Stored): void {
    if (!memory || memory.roundAt === undefined) return;
    const last = this.memories.at(-1);
    // Two readers may overtake each other.
    if (last && memory.roundAt < last.roundAt!) return;
    if (!last || keyOf(last) !== keyOf(memory)) this.memories.push(memory);
  }
}

const keyOf = ({ phase, epoch, state, failover, retired, naming }: Memory): string =>
  JSON.stringify([phase, epoch, state?.name, failover, retired, naming]);
