/** One group of databases in its surroundings, with a clock of its own. */
import type { DBInstance } from '@aws-sdk/client-rds';
import type { Decide } from '../../lambda/failover/decide';
import type { Notice } from '../../lambda/failover/decision';
import type { Probe } from '../../lambda/failover/observation';
import type { Policy } from '../../lambda/failover/policy';
import { CallFailed, type Outcome, type Ports } from '../../lambda/failover/ports';
import type { RunOptions } from '../../lambda/failover/run';
import { RdsModel } from '../rds/model/model';
import { anySurroundings } from '../rds/model/surroundings';
import { answers } from '../rds/model/undecided';
import { answerOf } from './answer';
import type { Asked } from './asked';
import { Calls } from './calls';
import { Client } from './client';
import { SimulatedClock, START } from './clock';
import { firstNames, setUp } from './first';
import { JournalTable } from './journal';
import { Ledger } from './ledger';
import { Network } from './network';
import { SimulatedPlane } from './plane';
import { DATABASE_GROUP, policyOf } from './policy';
import { between, randomOf } from './random';
import { type Run, Starter } from './run';
import type { Fault, Schedule } from './schedule';
import type { Server } from './server';
import { Trace } from './trace';
import type { Row } from './wal';
import { Zone } from './zone';

/** Another controller than ours, to show that the checks find what is wrong with it. */
export interface Controller {
  readonly decide?: Decide;
  readonly ports?: (ports: Ports, run: Run) => Ports;
  readonly policy?: (policy: Policy) => Policy;
  readonly run?: (options: RunOptions) => Promise<string>;
}

/** Whoever checks what happens. */
export interface Watcher {
  /** A run begins a round: what it saw in one that it has not written down is forgotten. */
  begins(run: Run): void;
  asked(run: Run, asked: Asked): void;
  /** RDS has taken it. */
  accepted(run: Run, asked: Asked): void;
  /** A run has had a sign of the life of a server. */
  lived(run: Run, resourceId: string): void;
  failed(run: Run, asked: Asked, outcome: Outcome): void;
  thrown(owner: string, error: unknown): void;
  wrote(row: Row): void;
  served(client: string, server: Server, what: 'read' | 'write'): void;
}

const CALM_TICK_MILLIS = 20_000;
const TICK_MILLIS = 1_000;
/** Around a fault everybody looks closely. */
const BEFORE_MILLIS = 60_000;
const AFTER_MILLIS = 60_000;

export class World {
  readonly clock = new SimulatedClock();
  readonly network = new Network();
  readonly calls = new Calls(this.clock, this.network);
  readonly journal = new JournalTable(this.clock.now);
  readonly trace = new Trace();
  readonly ledger = new Ledger();
  readonly notices: Notice[] = [];
  readonly policy: Policy;
  readonly random;
  readonly plane: SimulatedPlane;
  readonly model: RdsModel;
  readonly clients: readonly Client[];
  readonly watchers: Partial<Watcher>[] = [];
  zone!: Zone;
  starter!: Starter;
  stackPolicy: 'allowed' | 'denied' = 'allowed';
  /** When a run last had an answer of each server: milliseconds since 1970. */
  readonly reachedAt = new Map<string, number>();
  /** How many faults keep RDS from an instance. */
  readonly held = new Map<string, number>();
  /** When a human last acknowledged a failover: milliseconds since 1970. */
  acknowledgedAt = 0;
  /** RDS answers with what was before. */
  stale?: Extract<Fault, { kind: 'stale' }>;
  /** Resource ids that no description of RDS has just now. */
  readonly unseen = new Set<string>();
  /** When the first run is started; faults count from here. */
  beganAt = START;
  private readonly busy: readonly (readonly [number, number])[];
  private seen: readonly DBInstance[] = [];
  private isDirty = true;
  private readonly history: { at: number; instances: readonly DBInstance[] }[] = [];

  constructor(
    readonly schedule: Schedule,
    readonly controller: Controller = {},
  ) {
    const { seed, setup } = schedule;
    this.policy = policyOf(setup);
    this.busy = schedule.faults.map(
      ({ at, lasts }) => [at * 1000 - BEFORE_MILLIS, (at + lasts) * 1000 + AFTER_MILLIS] as const,
    );
    this.random = {
      plane: randomOf(seed, 1),
      zone: randomOf(seed, 2),
      runs: randomOf(seed, 3),
      controller: randomOf(seed, 4),
      clients: randomOf(seed, 5),
      answers: randomOf(seed, 12),
      stale: randomOf(seed, 15),
    };
    this.plane = new SimulatedPlane({ clock: this.clock, network: this.network, random: this.random.plane });
    this.model = new RdsModel({
      clock: this.clock,
      plane: this.plane,
      seed,
      // The controller has to survive either answer.
      answers: answers((choices) => Math.floor(this.random.answers() * choices)),
      surroundings: {
        ...anySurroundings('123456789012', 'us-east-1'),
        defaultSecurityGroupIds: [DATABASE_GROUP],
      },
      // The controller listens to no event: lost, late and doubled ones are all the same to it.
      onChange: () => void (this.isDirty = true),
    });
    this.clients = Array.from({ length: setup.clients }, (_, index) => this.newClient(index));
  }

  private newClient(index: number): Client {
    const { network, plane } = this;
    const world = {
      zone: () => this.zone,
      now: this.clock.now,
      resolve: (target: string) => plane.named(target),
      answers: (server: Server, isNew: boolean) =>
        answerOf(network, 'clients', server, isNew ? [DATABASE_GROUP] : undefined),
      wrote: (row: Row) => {
        this.ledger.wrote(row);
        for (const watcher of this.watchers) watcher.wrote?.(row);
        this.served(`web-${index + 1}`, plane.find(row.server), 'write');
      },
      writeFailed: () => void this.ledger.writesFailed++,
      read: (client: string, server: Server) => {
        this.ledger.reads++;
        this.served(client, server, 'read');
      },
      readFailed: () => void this.ledger.readsFailed++,
    };
    return new Client(
      world,
      randomOf(this.schedule.seed, 6, index),
      index,
      index < this.schedule.setup.clinging,
    );
  }

  private served(client: string, server: Server, what: 'read' | 'write'): void {
    for (const watcher of this.watchers) watcher.served?.(client, server, what);
  }

  /** Databases, names, clients, and the controller's schedule; takes some minutes of its time. */
  async begin(): Promise<void> {
    await setUp(this);
    await this.refresh();
    const { clock, random, schedule } = this;
    this.zone = new Zone(
      { clock, random: random.zone, resolvers: schedule.setup.clients },
      firstNames(this.seen),
    );
    this.beganAt = clock.now();
    this.starter = new Starter(this);
    for (const client of this.clients) {
      const tick = () => {
        client.tick();
        const usual = this.isCalm ? CALM_TICK_MILLIS : TICK_MILLIS;
        clock.after(usual * (0.9 + random.clients() / 5), tick);
      };
      clock.after(random.clients() * TICK_MILLIS, tick);
    }
  }

  /** One event, and everything that follows at once. False: nothing more happens before `end`. */
  async step(end: number): Promise<boolean> {
    const more = await this.clock.step(end);
    this.plane.advance();
    if (this.isDirty) await this.refresh();
    return more;
  }

  private async refresh(): Promise<void> {
    this.isDirty = false;
    const { DBInstances = [] } = await this.model.call('DescribeDBInstances', {});
    this.seen = DBInstances;
    this.history.push({ at: this.clock.now(), instances: DBInstances });
  }

  /** As RDS has them after this step. */
  get instances(): readonly DBInstance[] {
    return this.seen;
  }

  /** As RDS answers now. */
  async described(): Promise<readonly DBInstance[]> {
    if (this.isDirty) await this.refresh();
    const described = this.withStaleness();
    const { unseen } = this;
    return unseen.size === 0
      ? described
      : described.filter(({ DbiResourceId }) => !unseen.has(DbiResourceId!));
  }

  private withStaleness(): readonly DBInstance[] {
    const { stale } = this;
    if (!stale) return this.seen;
    const oldest = this.asOf(stale.seconds);
    if (!stale.each) return oldest;
    const ids = new Set([...oldest, ...this.seen].map(({ DbiResourceId }) => DbiResourceId));
    return [...ids].flatMap((id) => {
      const then = this.asOf(between(this.random.stale, 0, stale.seconds));
      return then.find(({ DbiResourceId }) => DbiResourceId === id) ?? [];
    });
  }

  private asOf(seconds: number): readonly DBInstance[] {
    const then = this.clock.now() - seconds * 1000;
    return this.history.findLast(({ at }) => at <= then)?.instances ?? this.seen;
  }

  instance(resourceId: string): DBInstance | undefined {
    return this.seen.find(({ DbiResourceId }) => DbiResourceId === resourceId);
  }

  nameOf = (resourceId: string): string => this.instance(resourceId)?.DBInstanceIdentifier ?? resourceId;

  identified = (identifier: string | undefined): DBInstance | undefined =>
    this.seen.find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === identifier);

  /** Nothing is wrong, and nothing will be soon: time may pass in longer steps. */
  get isCalm(): boolean {
    const { memory, hold, command } = this.journal;
    if (hold || command) return false;
    if (memory && memory.phase !== 'steady' && memory.phase !== 'healing') return false;
    if (!memory || memory.suspicion) return false;
    return this.isFarFromFaults;
  }

  private get isFarFromFaults(): boolean {
    const passed = this.clock.now() - this.beganAt;
    return !this.busy.some(([begin, end]) => passed >= begin && passed <= end);
  }

  note(text: string): void {
    this.trace.add(this.clock.now() - this.beganAt, text);
  }

  begins(run: Run): void {
    for (const watcher of this.watchers) watcher.begins?.(run);
  }

  asked(run: Run, asked: Asked): void {
    for (const watcher of this.watchers) watcher.asked?.(run, asked);
  }

  accepted(run: Run, asked: Asked): void {
    for (const watcher of this.watchers) watcher.accepted?.(run, asked);
  }

  failed(run: Run, asked: Asked, outcome: Outcome): void {
    for (const watcher of this.watchers) watcher.failed?.(run, asked, outcome);
  }

  thrown(owner: string, error: unknown): void {
    this.note(`${owner} fails: ${String(error)}`);
    if (error instanceof CallFailed) return;
    for (const watcher of this.watchers) watcher.thrown?.(owner, error);
  }

  /** A run has looked at who is there: an error is a sign of life too, and so is what a replica receives. */
  probed(run: Run, host: string, probe: Probe): void {
    const server = this.plane.named(host);
    if (!server) return;
    if (probe.reached) this.reachedAt.set(server.resourceId, this.clock.now());
    const lives = probe.reached || probe.why === 'rejected';
    const source = probe.reached && probe.receiving ? server.source : undefined;
    for (const watcher of this.watchers) {
      if (lives) watcher.lived?.(run, server.resourceId);
      if (source !== undefined) watcher.lived?.(run, source);
    }
  }

  namesChanged(): void {
    const { writer, readers } = this.zone.names;
    const short = (target: string | undefined) => target?.split('.')[0] ?? 'nobody';
    const names = readers.filter(({ weight }) => weight > 0).map(({ target }) => short(target));
    this.note(`names: writer ${short(writer)}, readers ${names.join(', ') || `${short(writer)} alone`}`);
  }

  /** Nothing of it goes on. */
  close(): void {
    this.model.close();
  }
}
