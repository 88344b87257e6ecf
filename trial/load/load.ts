/**
 * Load on a site: reads and writes at a rate that does not depend on how fast the site answers, and a ledger of what
 * it has acknowledged.
 *
 * A request is due at its time whether or not earlier ones are answered, and its latency counts from then: a client
 * that waits while the site hangs would leave out just the requests that matter (coordinated omission,
 * https://www.scylladb.com/2021/04/22/on-coordinated-omission/).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { TrialFailure } from '../failure';
import { type Audit, audit } from './audit';
import { Crowd, type Writer } from './crowd';
import { Ledger, readLedger, textOf } from './ledger';
import { LIMITS, type LoadOptions, TIMEOUT_MILLIS, siteUrl } from './options';
import { type Choice, type OwnNote, chooseWrite, expectationOf, staleness } from './own-note';
import { readAllNotes } from './read-back';
import { type Random, seeded } from './random';
import { type LoadStats, type Purpose, Tally, kindOf } from './tally';
import { type Answer, Unanswered, type Visitor } from './visitor';

export interface Report extends LoadStats {
  readonly url: string;
  readonly seed: number;
  /** Path of the ledger: `checkLedger` compares it again, after a recovery. */
  readonly ledger: string;
  /** What became of the writes; `impossible` says why that is not known. */
  readonly audit: Audit | { readonly impossible: string };
}

export interface Load {
  readonly ledger: string;
  /** Resolves when all has been sent: the time is over, or it was stopped. */
  readonly sent: Promise<void>;
  stats(): LoadStats;
  /**
   * Sends nothing more, waits for the answers, reads all notes back. Asked again: the same report.
   *
   * @throws TrialFailure when the ledger could not be written
   */
  stop(): Promise<Report>;
}

/** That many requests without an answer, and the next are not sent: the machine has other things to do, too. */
const MOST_IN_FLIGHT = 1000;

/** @throws TrialFailure when the site is not on this machine, or the ledger cannot be written */
export function startLoad(options: LoadOptions): Load {
  const running = new RunningLoad(options);
  let report: Promise<Report> | undefined;
  return {
    ledger: running.ledger.path,
    sent: running.sending,
    stats: () => running.stats(),
    stop: () => (report ??= running.stop()),
  };
}

class RunningLoad {
  readonly ledger: Ledger;
  readonly sending: Promise<void>;
  private readonly tally = new Tally();
  private readonly site: URL;
  private readonly random: Random;
  private readonly crowd: Crowd;
  private readonly inFlight = new Set<Promise<void>>();
  private readonly begun = performance.now();
  private readonly stopping = new AbortController();
  private ended?: number;
  private failure?: Error;
  private writes = 0;
  private notes = 0;

  constructor(private readonly options: LoadOptions) {
    this.site = siteUrl(options.url);
    this.random = seeded(options.seed);
    this.ledger = new Ledger(options.folder, this.site.origin, options.seed);
    this.crowd = new Crowd(options.clients, this.site, options.timeoutMillis ?? TIMEOUT_MILLIS);
    this.sending = this.send();
  }

  stats(): LoadStats {
    return this.tally.stats(this.ended ?? this.now());
  }

  async stop(): Promise<Report> {
    this.stopping.abort();
    await this.sending;
    await Promise.all(this.inFlight);
    this.crowd.leave();
    this.ledger.close();
    if (this.failure) throw new TrialFailure(`The load had to end: ${this.failure.message}.`);
    const { path } = this.ledger;
    return {
      url: this.site.origin,
      seed: this.options.seed,
      ledger: path,
      ...this.stats(),
      audit: await this.check(),
    };
  }

  private async check(): Promise<Report['audit']> {
    const { timeoutMillis, checkWithinMillis: withinMillis } = this.options;
    try {
      const notes = await readAllNotes(this.site, { timeoutMillis, withinMillis });
      return audit(readLedger(this.ledger.path), notes);
    } catch (error) {
      return { impossible: (error as Error).message };
    }
  }

  /** Milliseconds since it began. */
  private now(): number {
    return performance.now() - this.begun;
  }

  private async send(): Promise<void> {
    const { rate, seconds = LIMITS.seconds } = this.options;
    const { signal } = this.stopping;
    const total = Math.ceil(rate * seconds);
    for (let index = 0; index < total; index++) {
      const due = (index * 1000) / rate;
      const wait = due - this.now();
      if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      const done = this.one(due)
        .catch((error: Error) => this.giveUp(error))
        .finally(() => this.inFlight.delete(done));
      this.inFlight.add(done);
    }
    // The last request has its share of the time, too.
    const rest = Math.min((total * 1000) / rate, seconds * 1000) - this.now();
    if (rest > 0) await sleep(rest, undefined, { signal }).catch(() => undefined);
    this.ended = this.now();
  }

  /** The ledger can no longer be written: what was sent now would not be known. */
  private giveUp(error: Error): void {
    this.failure ??= error;
    this.stopping.abort();
  }

  private async one(due: number): Promise<void> {
    // Drawn before anything that depends on the site, so that the same seed asks for the same.
    const isWrite = this.random() < this.options.writes;
    const [where, what] = [this.random(), seeded(this.random() * 2 ** 32)];
    const kind = isWrite ? 'writes' : 'reads';
    this.tally.sent(kind);
    if (this.inFlight.size >= MOST_IN_FLIGHT) {
      this.tally.failed(kind, `not sent, as ${MOST_IN_FLIGHT} wait`);
    } else if (isWrite) {
      await this.write(due, this.crowd.writer(where), what);
    } else {
      const own = this.crowd.nextReadBack();
      await (own ? this.readOwn(due, own.writer, own.note) : this.readNewest(due, this.crowd.reader(where)));
    }
  }

  private async readNewest(due: number, visitor: Visitor): Promise<void> {
    await this.ask(due, 'other reads', [200], () => visitor.send('GET', '/api/notes'));
  }

  private async readOwn(due: number, { visitor }: Writer, own: OwnNote): Promise<void> {
    const expected = expectationOf(own);
    const answer = await this.ask(due, 'own reads', [200, 404], () =>
      visitor.send('GET', `/api/notes/${own.id}`),
    );
    if (!(answer instanceof Unanswered))
      this.compare(own, staleness(this.ledger.run, own, expected, answer), answer);
  }

  private compare({ note, id }: OwnNote, wrong: string | undefined, { server, database }: Answer): void {
    const who = `as ${server ?? 'the site'} read it${database ? ` from ${database}` : ''}`;
    this.tally.readBack(
      wrong && `After ${(this.now() / 1000).toFixed(1)} s note ${note} (id ${id}) ${wrong}, ${who}.`,
    );
  }

  private async write(due: number, writer: Writer, random: Random): Promise<void> {
    const choice = chooseWrite(random, writer.notes);
    const write = ++this.writes;
    const note = choice.kind === 'create' ? ++this.notes : choice.note.note;
    const revision = choice.kind === 'create' ? 1 : choice.note.revision + (choice.kind === 'change' ? 1 : 0);
    const client = writer.visitor.name;
    const id = choice.kind === 'create' ? undefined : choice.note.id;
    if (choice.kind === 'delete') choice.note.deletion = 'intended';
    this.ledger.write({
      event: 'intended',
      write,
      at: Date.now(),
      client,
      kind: choice.kind,
      note,
      revision,
      id,
    });

    writer.isWriting = true;
    const input = { author: client, text: textOf({ run: this.ledger.run, note, revision }) };
    const answer = await this.ask(due, 'writes', [200, 201, 204], () => send(writer.visitor, choice, input));
    writer.isWriting = false;

    const done = answer instanceof Unanswered ? undefined : (id ?? idOf(answer));
    if (answer instanceof Unanswered || done === undefined) {
      const why = answer instanceof Unanswered ? answer.kind : 'acknowledged without an id';
      this.ledger.write({ event: 'not acknowledged', write, at: Date.now(), why });
      if (choice.kind !== 'create') writer.forget(choice.note);
      return;
    }
    const { server, database } = answer;
    this.ledger.write({ event: 'acknowledged', write, at: Date.now(), id: done, server, database });
    this.crowd.readBack(writer, acknowledged(writer, choice, { note, id: done, revision }));
  }

  /** Sends, and counts what comes of it. @returns Unanswered also for an answer of another status */
  private async ask(
    due: number,
    purpose: Purpose,
    wanted: readonly number[],
    send: () => Promise<Answer>,
  ): Promise<Answer | Unanswered> {
    const found = await send().catch((error: unknown) =>
      error instanceof Unanswered ? error : new Unanswered((error as Error).message),
    );
    const failure =
      found instanceof Unanswered || wanted.includes(found.status)
        ? undefined
        : new Unanswered(`${found.status}`);
    const result = failure ?? found;
    if (result instanceof Unanswered) this.tally.failed(kindOf(purpose), result.kind);
    else this.tally.succeeded(purpose, due, this.now(), result);
    return result;
  }
}

function send(visitor: Visitor, choice: Choice, input: unknown): Promise<Answer> {
  if (choice.kind === 'create') return visitor.send('POST', '/api/notes', input);
  const path = `/api/notes/${choice.note.id}`;
  return choice.kind === 'change' ? visitor.send('PUT', path, input) : visitor.send('DELETE', path);
}

/** What its writer knows of the note from now on. */
function acknowledged(writer: Writer, choice: Choice, made: OwnNote): OwnNote {
  if (choice.kind === 'create') {
    writer.keep(made);
    return made;
  }
  const { note } = choice;
  note.revision = made.revision;
  if (choice.kind === 'delete') {
    note.deletion = 'acknowledged';
    writer.forget(note);
  }
  return note;
}

function idOf({ body }: Answer): number | undefined {
  const { id } = (body ?? {}) as { readonly id?: unknown };
  return typeof id === 'number' ? id : undefined;
}
