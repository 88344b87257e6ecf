/** Who visits the site: some write and read their own writes, the others read what is there. */
import type { OwnNote } from './own-note';
import { Visitor } from './visitor';

/** A writer forgets its older notes, as people do; the ledger does not. */
const MOST_NOTES = 20;

/** While the site hangs, more is written than is read back. */
const MOST_READ_BACKS = 1000;

export class Writer {
  readonly notes: OwnNote[] = [];
  /** One write at a time: of two answers, the one that comes last would set the session's position. */
  isWriting = false;

  constructor(readonly visitor: Visitor) {}

  keep(note: OwnNote): void {
    this.notes.push(note);
    if (this.notes.length > MOST_NOTES) this.notes.shift();
  }

  forget(note: OwnNote): void {
    const at = this.notes.indexOf(note);
    if (at >= 0) this.notes.splice(at, 1);
  }
}

export class Crowd {
  private readonly writers: Writer[] = [];
  private readonly readers: Visitor[];
  private readonly readBacks: { readonly writer: Writer; readonly note: OwnNote }[] = [];
  private wasOwn = false;
  private visitors = 0;

  /** @param size one half writes; of one, the only one does all */
  constructor(
    size: number,
    private readonly site: URL,
    private readonly timeoutMillis: number,
  ) {
    for (let index = 0; index < Math.ceil(size / 2); index++) this.writers.push(new Writer(this.visitor()));
    // Never given a token: what they read tells how many reads replicas can serve.
    this.readers = Array.from({ length: Math.floor(size / 2) }, () => this.visitor());
  }

  /** @param where 0 to 1. @returns one who waits for no write; a new one when all do, as on a site that hangs */
  writer(where: number): Writer {
    const start = Math.floor(where * this.writers.length);
    const free = [...this.writers.slice(start), ...this.writers.slice(0, start)].find(
      ({ isWriting }) => !isWriting,
    );
    if (free) return free;
    const another = new Writer(this.visitor());
    this.writers.push(another);
    return another;
  }

  /** @param where 0 to 1 */
  reader(where: number): Visitor {
    const { readers } = this;
    return readers[Math.floor(where * readers.length)] ?? this.writers[0]!.visitor;
  }

  /** To be read back by who wrote it, as soon as may be: then a replica is the most likely to lack it. */
  readBack(writer: Writer, note: OwnNote): void {
    this.readBacks.push({ writer, note });
    if (this.readBacks.length > MOST_READ_BACKS) this.readBacks.shift();
  }

  /** @returns undefined when there is none, and at every other time, so that other reads have their share */
  nextReadBack(): { readonly writer: Writer; readonly note: OwnNote } | undefined {
    const next = this.wasOwn ? undefined : this.readBacks.shift();
    this.wasOwn = next !== undefined;
    return next;
  }

  leave(): void {
    for (const { visitor } of this.writers) visitor.leave();
    for (const visitor of this.readers) visitor.leave();
  }

  private visitor(): Visitor {
    const number = ++this.visitors;
    return new Visitor(`visitor ${number}`, this.site, this.timeoutMillis, number % 2 ? 'cookies' : 'header');
  }
}
