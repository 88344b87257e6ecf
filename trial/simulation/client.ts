/** A modelled web server: it looks names up, keeps connections, writes to the primary and reads from the replicas. */
import type { Answer } from './answer';
import { between, type Random } from './random';
import type { Server, Session } from './server';
import type { Row } from './wal';
import { someReader, TTL_MILLIS, type Zone } from './zone';

/** app/database/limits.ts: until a new connection, and until an answer, is given up. */
const CONNECT_MILLIS = 3_000;
const WRITE_MILLIS = 12_000;
const READ_MILLIS = 6_000;
/** How long the kernel of a client sends again what nobody has confirmed, after its socket was closed: tcp_orphan_retries. */
const ORPHAN_MILLIS = 100_000;
const AGE_MILLIS = 300_000;

export interface ClientWorld {
  zone(): Zone;
  now(): number;
  /** Where an endpoint leads, for whoever asks now. */
  resolve(target: string): Server | undefined;
  /** How a new connection or a statement of a client fares there. */
  answers(server: Server, newConnection: boolean): Answer;
  wrote(row: Row): void;
  writeFailed(client: string): void;
  read(client: string, server: Server): void;
  readFailed(client: string): void;
}

interface Cached {
  readonly target: string;
  readonly until: number;
}

export class Client {
  readonly name: string;
  private writer?: Session;
  private writerTarget?: string;
  private openedAt = 0;
  private ageMillis = 0;
  private readonly readers = new Map<string, Session>();
  private writerName?: Cached;
  private readerName?: Cached;
  private writesAgainAt = 0;
  private readsAgainAt = 0;
  /** The write that is still waited for. */
  private waiting?: { readonly session: Session; readonly until: number };

  constructor(
    private readonly world: ClientWorld,
    private readonly random: Random,
    private readonly resolver: number,
    /** Keeps its sockets until they fail or are old; otherwise it leaves them as soon as the name has moved. */
    private readonly clings: boolean,
  ) {
    this.name = `web-${resolver + 1}`;
  }

  /** What it takes for the writer's endpoint, or may take for it at its next look. */
  writerTargets(): readonly (string | undefined)[] {
    return [this.cachedWriter(), this.world.zone().seenBy(this.resolver).writer];
  }

  private cachedWriter(): string | undefined {
    return this.writerName && this.writerName.until > this.world.now() ? this.writerName.target : undefined;
  }

  private lookUpWriter(): string | undefined {
    const cached = this.cachedWriter();
    if (cached !== undefined) return cached;
    const target = this.world.zone().seenBy(this.resolver).writer;
    if (target !== undefined) this.writerName = { target, until: this.world.now() + TTL_MILLIS };
    return target;
  }

  private lookUpReader(): string | undefined {
    const now = this.world.now();
    if (this.readerName && this.readerName.until > now) return this.readerName.target;
    const target = someReader(this.world.zone().seenBy(this.resolver), this.random);
    if (target !== undefined) this.readerName = { target, until: now + TTL_MILLIS };
    return target;
  }

  /** One visitor's write and one visitor's read. */
  tick(): void {
    const now = this.world.now();
    if (this.waiting && now >= this.waiting.until) {
      this.waiting.session.abandoned = true;
      this.failWrite();
    }
    if (!this.waiting && now >= this.writesAgainAt) this.write(now);
    if (now >= this.readsAgainAt) this.read(now);
  }

  private failWrite(): void {
    delete this.waiting;
    delete this.writer;
    this.world.writeFailed(this.name);
  }

  private write(now: number): void {
    const target = this.lookUpWriter();
    const isOld = now - this.openedAt > this.ageMillis;
    const hasMoved = target !== undefined && target !== this.writerTarget;
    if (this.writer && (isOld || (hasMoved && !this.clings))) this.leaveWriter();
    if (!this.writer && !this.connectWriter(target, now)) return;
    const session = this.writer!;
    const { server } = session;
    const isOpen = server.sessions.has(session);
    switch (isOpen ? this.world.answers(server, false) : server.silent ? 'silent' : 'refused') {
      case 'yes': {
        const row = server.insert(this.name, now);
        if (typeof row !== 'string') return this.acknowledge(row);
        server.sessions.delete(session);
        return this.failWrite();
      }
      case 'silent':
        // The server may yet read it, long after nobody waits any more.
        session.inbox = { until: now + ORPHAN_MILLIS, acknowledge: (row) => this.acknowledge(row) };
        this.waiting = { session, until: now + WRITE_MILLIS };
        return;
      default:
        server.sessions.delete(session);
        this.failWrite();
    }
  }

  private acknowledge(row: Row): void {
    delete this.waiting;
    row.acknowledged = true;
    this.world.wrote(row);
  }

  private connectWriter(target: string | undefined, now: number): boolean {
    const server = target === undefined ? undefined : this.world.resolve(target);
    const answer = server ? this.world.answers(server, true) : 'refused';
    if (!server || answer !== 'yes') {
      if (answer === 'silent') this.writesAgainAt = now + CONNECT_MILLIS;
      this.failWrite();
      return false;
    }
    this.writer = { client: this.name, kind: 'writer', server, abandoned: false };
    server.sessions.add(this.writer);
    this.writerTarget = target;
    this.openedAt = now;
    this.ageMillis = AGE_MILLIS * (0.75 + this.random() / 2);
    return true;
  }

  private leaveWriter(): void {
    if (this.writer) this.leave(this.writer);
    delete this.writer;
  }

  /** Its server hears of it when it can. */
  private leave(session: Session): void {
    if (this.world.answers(session.server, false) === 'yes') session.server.sessions.delete(session);
    else session.abandoned = true;
  }

  /** On a replica, and on the primary when that fails. */
  private read(now: number): void {
    const target = this.lookUpReader();
    if (target !== undefined && this.readFrom(target, now)) return;
    if (now < this.readsAgainAt) return;
    const primary = this.lookUpWriter();
    if (primary !== undefined && primary !== target && this.readFrom(primary, now)) return;
    this.world.readFailed(this.name);
  }

  private readFrom(target: string, now: number): boolean {
    const known = this.readers.get(target);
    const session = known && now < known.until! ? known : this.connectReader(target, now);
    if (!session) return false;
    const { server } = session;
    const answer = server.sessions.has(session) ? this.world.answers(server, false) : 'refused';
    if (answer === 'yes') {
      this.world.read(this.name, server);
      return true;
    }
    session.abandoned = true;
    if (answer === 'silent') {
      this.readsAgainAt = now + READ_MILLIS;
      this.world.readFailed(this.name);
    }
    this.readers.delete(target);
    return false;
  }

  private connectReader(target: string, now: number): Session | undefined {
    const known = this.readers.get(target);
    if (known) this.leave(known);
    this.readers.delete(target);
    const server = this.world.resolve(target);
    const answer = server ? this.world.answers(server, true) : 'refused';
    if (!server || answer !== 'yes') {
      if (answer === 'silent') this.readsAgainAt = now + CONNECT_MILLIS;
      return undefined;
    }
    const until = now + (AGE_MILLIS * between(this.random, 75, 125)) / 100;
    const session: Session = { client: this.name, kind: 'reader', server, abandoned: false, until };
    this.readers.set(target, session);
    server.sessions.add(session);
    return session;
  }
}
