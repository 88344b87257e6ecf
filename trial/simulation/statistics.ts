/** What a schedule came to, in figures. Milliseconds by the world's clock. */
import type { Memory } from '../../lambda/failover/memory';
import type { StateName } from '../../lambda/failover/states';
import type { Row } from './wal';
import type { World } from './world';

/** One replacement of the primary. */
export interface FailoverFigures {
  readonly kind: 'automatic' | 'switchover' | 'promote';
  /** When the primary was last able to take writes; of a switchover when it was decided. */
  readonly failedAt: number;
  readonly decidedAt: number;
  fencedAt?: number;
  promotedAt?: number;
  openedAt?: number;
  /** First acknowledged write on the new primary. */
  wroteAt?: number;
  /** Until `wroteAt`: while RDS was at work on the old or the new primary. */
  rdsMillis: number;
  /** Acknowledged writes that the new primary lacked. */
  lost: number;
}

export interface Statistics {
  readonly failovers: readonly FailoverFigures[];
  readonly states: Readonly<Partial<Record<StateName, number>>>;
  readonly writes: number;
  readonly writesFailed: number;
  readonly reads: number;
  readonly readsFailed: number;
  /** Of all acknowledged writes, at the end. */
  readonly lost: number;
  readonly steps: number;
  /** Virtual time from the first run. */
  readonly millis: number;
}

export class Measuring {
  readonly failovers: FailoverFigures[] = [];
  readonly states = new Map<StateName, number>();
  private current?: FailoverFigures;
  private candidate?: string;
  private writableAt: number;
  private lastStep: number;

  constructor(private readonly world: World) {
    this.writableAt = this.lastStep = world.clock.now();
    world.journal.onCommit.push((before, { memory }) => this.committed(before, memory));
  }

  step(): void {
    const { world, current } = this;
    const now = world.clock.now();
    const passed = now - this.lastStep;
    this.lastStep = now;
    if (current && current.wroteAt === undefined) {
      if (this.isRdsAtWork()) current.rdsMillis += passed;
      return;
    }
    const primary = world.plane.servers.get(world.journal.memory?.primary ?? '');
    if (primary?.works && primary.writable && !world.network.blocked('clients', primary.resourceId)) {
      this.writableAt = now;
    }
  }

  private isRdsAtWork(): boolean {
    const { failover } = this.world.journal.memory ?? {};
    if (!failover) return false;
    return [failover.from, failover.candidate].some((id) => {
      const instance = id === undefined ? undefined : this.world.instance(id);
      if (!instance) return false;
      const isSettling = instance.VpcSecurityGroups?.some(({ Status }) => Status !== 'active') ?? false;
      return isSettling || !/^(available|backing-up)$/.test(instance.DBInstanceStatus ?? '');
    });
  }

  private committed(before: Memory | undefined, memory: Memory): void {
    const { world } = this;
    const now = world.clock.now();
    const name = memory.state?.name;
    if (name && name !== before?.state?.name) {
      this.states.set(name, (this.states.get(name) ?? 0) + 1);
      world.note(
        `state ${name} (phase ${memory.phase}, epoch ${memory.epoch}): ${memory.state!.reasons.join('; ')}`,
      );
    }
    const { failover } = memory;
    const wasUnderWay = before?.failover && before.phase !== 'healing';
    if (failover && !wasUnderWay && memory.phase !== 'healing') {
      const { kind } = failover;
      this.current = {
        kind,
        failedAt: kind === 'switchover' ? now : this.writableAt,
        decidedAt: now,
        rdsMillis: 0,
        lost: 0,
      };
    }
    const { current } = this;
    if (!current || !failover) {
      if (before?.failover && !failover) delete this.current;
      return;
    }
    if (failover.fencedAt !== undefined) current.fencedAt ??= now;
    if (failover.promotedAt !== undefined && current.promotedAt === undefined) {
      current.promotedAt = now;
      this.candidate = failover.candidate;
      const server = world.plane.servers.get(failover.candidate!);
      if (server) current.lost = world.ledger.rows.filter((row) => !server.has(row)).length;
      this.failovers.push(current);
    }
    if (failover.openedAt !== undefined) current.openedAt ??= now;
  }

  wrote(row: Row): void {
    const { current } = this;
    if (!current || current.wroteAt !== undefined || row.server !== this.candidate) return;
    current.wroteAt = this.world.clock.now();
    this.world.note(`the first write of a client on ${this.world.nameOf(row.server)}`);
  }

  result(steps: number): Statistics {
    const { ledger, plane, journal, clock, beganAt } = this.world;
    const primary = plane.servers.get(journal.memory?.primary ?? '');
    return {
      failovers: this.failovers,
      states: Object.fromEntries(this.states),
      writes: ledger.rows.length,
      writesFailed: ledger.writesFailed,
      reads: ledger.reads,
      readsFailed: ledger.readsFailed,
      lost: primary ? ledger.rows.filter((row) => !primary.has(row)).length : 0,
      steps,
      millis: clock.now() - beganAt,
    };
  }
}
