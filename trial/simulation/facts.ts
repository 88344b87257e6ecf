/** What is true in the world, whatever the controller believes: kept up at every step, for the checks. */
import type { Memory } from '../../lambda/failover/memory';
import type { Commit } from '../../lambda/failover/ports';
import { FENCE_TIMEOUT_MILLIS } from '../../lambda/failover/policy';
import { answerOf } from './answer';
import { DATABASE_GROUP } from './policy';
import { endOf, type Fault } from './schedule';
import type { Server } from './server';
import type { World } from './world';

/** What the controller saw may be this old when it acts: a slow look, a slow journal, a lease's length. */
export const OLD_MILLIS = 15_000;

/** After a fault of the controller or its services it may take two starts until it works as usual. */
const RECOVERED_MILLIS = 150_000;

const OF_SERVERS: ReadonlySet<Fault['kind']> = new Set([
  'kill',
  'lose-host',
  'dead',
  'freeze',
  'slow-replication',
  'slow-replay',
  'disk-full',
  'reboot',
  'errors',
  'flap',
]);

export class Facts {
  /** Who was primary until another one was promoted: resource ids. */
  readonly old = new Set<string>();
  /** Of those, who was left unfenced by a human's word or policy `best-effort`, and has not been fenced since. */
  readonly excused = new Set<string>();
  /** Epochs in which a promotion was asked for without evidence of the fence: by a human's word, or the policy. */
  readonly unfenced = new Set<number>();
  /** By epoch: when it was written down whom to promote; whether it was asked for is another question. */
  private readonly chosenAt = new Map<number, number>();
  /** By epoch: who was asked to be promoted. */
  readonly promoted = new Map<number, Set<string>>();
  /** Whether a human has ever waived recovery or said that it is done. */
  isWaived = false;
  /** Since when a run could have had an answer of a server, without a break. */
  readonly visibleSince = new Map<string, number>();
  /** Since when a replica has streamed and been visible. */
  readonly streamingSince = new Map<string, number>();
  /** When a round that was written down had the last sign of life of a server; `heard`: of rounds that are not yet. */
  readonly livedAt = new Map<string, number>();
  private readonly heard = new Map<string, Map<string, number>>();
  readonly disturbances: readonly (readonly [number, number])[];

  constructor(readonly world: World) {
    this.disturbances = world.schedule.faults
      .filter(({ kind }) => !OF_SERVERS.has(kind))
      .map(({ at, lasts }) => [at * 1000, (at + lasts) * 1000 + RECOVERED_MILLIS] as const);
  }

  get now(): number {
    return this.world.clock.now();
  }

  get memory(): Memory | undefined {
    return this.world.journal.memory;
  }

  /** Nothing has kept the controller from its work for a while. */
  get isUndisturbed(): boolean {
    const passed = this.now - this.world.beganAt;
    return !this.disturbances.some(([begin, end]) => passed >= begin && passed <= end);
  }

  get areFaultsOver(): boolean {
    return this.now - this.world.beganAt > endOf(this.world.schedule) * 1000;
  }

  update(): void {
    const { world, now } = this;
    for (const server of world.plane.servers.values()) {
      const { resourceId } = server;
      const isVisible =
        server.name !== undefined &&
        server.error === undefined &&
        answerOf(world.network, 'controller', server) === 'yes';
      since(this.visibleSince, resourceId, isVisible, now);
      since(
        this.streamingSince,
        resourceId,
        isVisible && server.recovering && server.receiver.streaming,
        now,
      );
      if (this.excused.has(resourceId) && isFenced(server)) this.excused.delete(resourceId);
    }
  }

  /** A run asks for a promotion: whoever must be fenced is an old primary from now on. */
  promotes(resourceId: string): void {
    const { failover, epoch = -1 } = this.memory ?? {};
    this.promoted.set(epoch, (this.promoted.get(epoch) ?? new Set()).add(resourceId));
    if (!failover) return;
    for (const [id, { verifiedAt }] of Object.entries(failover.fence)) {
      this.old.add(id);
      if (verifiedAt === undefined) this.unfenced.add(epoch);
      const server = this.world.plane.servers.get(id);
      if (!this.mayBeUnfenced || !server || isFenced(server)) continue;
      this.excused.add(id);
    }
  }

  /** A human's word, or the policy after its time, stands in for the evidence. */
  get mayBeUnfenced(): boolean {
    const { failover } = this.memory ?? {};
    if (!failover) return false;
    if (failover.override?.fence) return true;
    const waited = this.now - failover.decidedAt;
    return this.world.policy.fencePolicy === 'best-effort' && waited >= FENCE_TIMEOUT_MILLIS - OLD_MILLIS;
  }

  /** The choice was made in this round, and not in one whose promotion RDS has not heard. */
  get isFirstAsk(): boolean {
    const { epoch = -1 } = this.memory ?? {};
    const at = this.chosenAt.get(epoch) ?? this.now;
    return !this.promoted.has(epoch) && this.now - at <= OLD_MILLIS;
  }

  begins(owner: string): void {
    this.heard.delete(owner);
  }

  lived(owner: string, resourceId: string): void {
    const ofRun = this.heard.get(owner) ?? new Map<string, number>();
    this.heard.set(owner, ofRun.set(resourceId, this.now));
  }

  committed({ memory, owner }: Commit): void {
    for (const [resourceId, at] of this.heard.get(owner) ?? []) this.livedAt.set(resourceId, at);
    this.heard.delete(owner);
    const { retired, primary, phase, epoch, failover } = memory;
    if (failover?.promoteAskedAt !== undefined && !this.chosenAt.has(epoch))
      this.chosenAt.set(epoch, this.now);
    // It goes on: nobody took its place after all.
    if (phase === 'steady' || phase === 'healing') this.old.delete(primary);
    if (retired.some(({ recovery }) => recovery === 'waived' || recovery === 'done')) this.isWaived = true;
  }

  longerThan(since: ReadonlyMap<string, number>, resourceId: string, milliseconds: number): boolean {
    const begin = since.get(resourceId);
    return begin !== undefined && this.now - begin >= milliseconds;
  }
}

function since(times: Map<string, number>, key: string, holds: boolean, now: number): void {
  if (!holds) times.delete(key);
  else if (!times.has(key)) times.set(key, now);
}

/** Open sockets through which a write may still come. */
export function hasWriters({ sessions }: Server): boolean {
  for (const { kind, abandoned, inbox } of sessions) {
    if (kind === 'writer' && (!abandoned || inbox)) return true;
  }
  return false;
}

export const admitsClients = ({ groups }: Server): boolean => groups.includes(DATABASE_GROUP);

/** No client gets in, and none is in: no reader either, as a candidate that is given up was a replica before. */
export const isFenced = (server: Server): boolean =>
  !admitsClients(server) && !hasWriters(server) && !hasReaders(server);

const hasReaders = ({ sessions }: Server): boolean =>
  [...sessions].some(({ kind, abandoned, inbox }) => kind === 'reader' && (!abandoned || inbox));

/**
 * Whether a client's write may be committed there: it takes writes, or would when thawed; and a writer's socket is
 * open, or its group admits web servers and the writer's name leads there: in the zone, for a resolver that has not
 * heard of the last change, or in a client's cache. That clients are cut off just now does not count: it may end.
 * Readers' sockets do not count either: their sessions are read-only (app/database).
 */
export function takesClientWrites(world: World, server: Server): boolean {
  if (!server.writable) return false;
  if (hasWriters(server)) return true;
  if (!admitsClients(server) || server.name === undefined) return false;
  const { name } = server;
  return (
    world.zone.names.writer === name || world.clients.some((client) => client.writerTargets().includes(name))
  );
}
