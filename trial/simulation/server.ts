/** A modelled PostgreSQL server. */
import { type ErrorCode, isOfStatements } from './errors';
import { lsnText, Timeline, type Row, type WalRecord } from './wal';

/** A client's open socket, as the server sees it: it lives until the server ends it or hears of its end. */
export interface Session {
  readonly client: string;
  readonly kind: 'writer' | 'reader';
  readonly server: Server;
  /** When a reader closes it, however well it works. */
  readonly until?: number;
  /** The client has given up, and the server has not heard of it. */
  abandoned: boolean;
  /** A statement that the server has not read yet: it does when it goes on, whoever still waits for it. */
  inbox?: { readonly until: number; acknowledge(row: Row): void };
}

/** What the WAL receiver of a replica knows. */
export interface Receiver {
  streaming: boolean;
  /** When it last heard of its source. */
  heardAt: number;
  /** Since when the way to the source has been free, and since when it streams. */
  possibleSince?: number;
  upSince: number;
}

/** Of the cluster and all its copies. */
export const SYSTEM = '7300000000000000001';

/** Bytes that one write, heartbeat or the like takes in the log. */
const RECORD_BYTES = 200;

/** More than anybody writes in a schedule. */
const ASTRAY_BYTES = 2 ** 30;

export interface NewServer {
  readonly resourceId: string;
  readonly name: string;
  readonly groups: readonly string[];
  readonly timeline: Timeline;
  readonly at: number;
  /** Resource id of what it follows. */
  readonly source?: string;
  readonly linkDelayMillis: number;
}

export class Server {
  readonly resourceId: string;
  state: 'running' | 'starting' | 'down' = 'running';
  /** SIGSTOP: its sockets are open, and nothing is done. */
  frozen = false;
  /** The host is gone: nobody answers for it, not even with a refusal. */
  silent = false;
  /** New with each start: tells a start that was overtaken. */
  life = 0;
  startedAt: number;
  timeline: Timeline;
  /** Records of the timeline. */
  received: number;
  replayed: number;
  recovering: boolean;
  source?: string;
  /** Endpoint; absent between two names. */
  name?: string;
  groups: readonly string[];
  readonly sessions = new Set<Session>();
  readonly receiver: Receiver;
  /** Between commit and arrival, and between arrival and replay. */
  linkDelayMillis: number;
  replayDelayMillis = 0;
  /** How far the logical slot has been confirmed: bytes. Absent: there is none. */
  slot?: number;
  /** No room left: no write is taken. */
  full = false;
  /** What it answers with, whatever it is asked. */
  error?: ErrorCode;
  /** The history in which the controller's write was last seen to be taken. */
  proved?: Timeline;
  workedMillis: number;
  /** `workedMillis` at the controller's last heartbeat. */
  beatAt?: number;

  constructor(server: NewServer) {
    this.resourceId = server.resourceId;
    this.name = server.name;
    this.groups = server.groups;
    this.timeline = server.timeline;
    this.startedAt = server.at;
    this.workedMillis = server.timeline.last.worked;
    this.source = server.source;
    this.recovering = server.source !== undefined;
    this.received = this.replayed = server.timeline.length;
    this.linkDelayMillis = server.linkDelayMillis;
    this.receiver = {
      streaming: this.recovering,
      heardAt: server.at,
      possibleSince: server.at,
      upSince: server.at,
    };
  }

  /** Whether it does anything now. */
  get works(): boolean {
    return this.state === 'running' && !this.frozen && !this.silent;
  }

  /** Whether it takes writes now, or would when it is thawed. */
  get writable(): boolean {
    return this.state === 'running' && !this.recovering && !this.full;
  }

  private recordAt(length: number): WalRecord {
    return this.timeline.at(length - 1);
  }

  /** What it holds of the others' writes: of a primary everything. */
  get receivedLsn(): number {
    return this.recovering ? this.recordAt(this.received).lsn : this.timeline.last.lsn;
  }

  /** The state of its tables. */
  get shown(): WalRecord {
    return this.recovering ? this.recordAt(this.replayed) : this.timeline.last;
  }

  get snapshot(): string {
    const { nextXid } = this.shown;
    return `${nextXid}:${nextXid}:`;
  }

  has(row: Row): boolean {
    return this.timeline.has(row, this.recovering ? this.received : this.timeline.length);
  }

  /** One more record. */
  append(at: number, change: Partial<Pick<WalRecord, 'kind' | 'row' | 'heartbeat' | 'nextKey'>>): WalRecord {
    const { last } = this.timeline;
    const record: WalRecord = {
      kind: 'other',
      heartbeat: last.heartbeat,
      nextKey: last.nextKey,
      ...change,
      lsn: last.lsn + RECORD_BYTES,
      at,
      worked: this.workedMillis,
      nextXid: last.nextXid + 1,
    };
    this.timeline.append(record);
    return record;
  }

  /** A client's insert, in a transaction of its own. */
  insert(client: string, at: number): Row | 'read-only' | 'disk full' | 'error' {
    if (this.recovering) return 'read-only';
    if (this.full) return 'disk full';
    if (this.error && isOfStatements(this.error)) return 'error';
    const { timeline, resourceId } = this;
    const { nextKey: key, lsn } = timeline.last;
    const row: Row = {
      key,
      client,
      server: resourceId,
      timeline,
      lsn: lsn + RECORD_BYTES,
      at,
      acknowledged: false,
    };
    this.append(at, { kind: 'write', row, nextKey: key + 1 });
    return row;
  }

  /** Its history goes its own way from here: all that it received is replayed first. */
  fork(at: number): void {
    const parent = this.timeline;
    const last = parent.at(this.received - 1);
    this.workedMillis = last.worked;
    const first: WalRecord = { ...last, kind: 'other', row: undefined, lsn: last.lsn + RECORD_BYTES, at };
    this.timeline = new Timeline(parent.id + 1, first, parent, this.received);
    this.received = this.replayed = this.timeline.length;
    this.recovering = false;
    delete this.source;
    delete this.slot;
  }

  /** A replica leaves the common history for one of its own, and shows far more of that: no API of RDS brings this about. */
  stray(at: number): void {
    const parent = this.timeline;
    const last = parent.at(this.received - 1);
    const first: WalRecord = { ...last, kind: 'other', row: undefined, lsn: last.lsn + ASTRAY_BYTES, at };
    this.timeline = new Timeline(parent.id + 1, first, parent, this.received);
    this.received = this.replayed = this.timeline.length;
  }

  /** Its process is gone, and every socket with it. */
  end(): void {
    this.state = 'down';
    this.frozen = false;
    this.life++;
    this.sessions.clear();
    this.receiver.streaming = false;
    delete this.receiver.possibleSince;
  }

  describe(): string {
    const state = this.silent ? 'away' : this.frozen ? 'frozen' : this.state;
    return `${state}, ${this.recovering ? 'replica' : 'primary'} at ${lsnText(this.receivedLsn)} on timeline ${this.timeline.id}`;
  }
}
