/** The databases as a run meets them, each by a connection of its own. */
import type { Address, Probe, Unreached } from '../../lambda/failover/observation';
import { CallFailed, type DatabasesPort, type Keep } from '../../lambda/failover/ports';
import { answerOf } from './answer';
import { unreachedBy } from './errors';
import { CALL_MILLIS } from './calls';
import { DATABASE_GROUP, QUARANTINE_GROUP } from './policy';
import type { Run } from './run';
import { type Server, SYSTEM } from './server';
import { lsnNumber, lsnText } from './wal';
import type { World } from './world';

/** Both groups admit the controller. */
const ADMITTING = [DATABASE_GROUP, QUARANTINE_GROUP];

/** How long a probe waits for a server that says nothing. */
const PROBE_MILLIS = 2_000;

export function databasesPort(world: World, run: Run): DatabasesPort {
  const { calls, clock } = world;
  const unreached = (why: Unreached['why'], message: string): Unreached => ({ reached: false, why, message });

  const ask = (address: Address, keep?: Keep): Probe | 'silent' => {
    const server = world.plane.named(address.host);
    if (!server) return unreached('unnamed', `${address.host} is not known`);
    world.plane.advance();
    const answer = answerOf(world.network, 'controller', server, ADMITTING);
    if (answer === 'silent') return 'silent';
    if (answer === 'error') return unreachedBy(address.host, server.error!);
    if (answer !== 'yes') return unreached(answer, `${address.host}: ${answer}`);
    if (keep) world.asked(run, { kind: 'keep' });
    const write = keep && keepUp(server, keep, clock.now());
    const { heartbeat, at } = server.shown;
    return {
      reached: true,
      inRecovery: server.recovering,
      startedAt: server.startedAt,
      uptimeMillis: clock.now() - server.startedAt,
      system: SYSTEM,
      timeline: server.timeline.id,
      received: lsnText(server.receivedLsn),
      replayed: lsnText(server.shown.lsn),
      receiving: server.recovering && server.receiver.streaming,
      snapshot: server.snapshot,
      ...(server.recovering && { replayedAt: at }),
      heartbeat: { ...heartbeat },
      clientSessions: server.sessions.size,
      ...(write && { write }),
    };
  };

  return {
    async probe(address, keep) {
      const before = calls.pass(run, 'before');
      if (before) await before;
      const probe = await calls.make('databases', () => ask(address, keep)).catch(() => 'silent' as const);
      if (probe === 'silent') await clock.sleep(PROBE_MILLIS);
      else world.probed(run, address.host, probe);
      const after = calls.pass(run, 'after');
      if (after) await after;
      return probe === 'silent' ? unreached('silent', `${address.host} says nothing`) : probe;
    },
    async open(address, epoch, sequenceGap) {
      const before = calls.pass(run, 'before');
      if (before) await before;
      const asks = { kind: 'open', host: address.host, epoch, sequenceGap } as const;
      world.asked(run, asks);
      try {
        await calls.make('databases', async () => {
          const server = world.plane.named(address.host);
          const answer = server ? answerOf(world.network, 'controller', server, ADMITTING) : 'refused';
          if (answer === 'silent') await clock.sleep(CALL_MILLIS);
          if (answer !== 'yes') throw new CallFailed(answer === 'silent' ? 'timeout' : 'failed', answer);
          open(server!, epoch, sequenceGap, clock.now());
          world.note(`${world.nameOf(server!.resourceId)} is opened for epoch ${epoch}`);
        });
      } catch (error) {
        if (error instanceof CallFailed) world.failed(run, asks, error.outcome);
        throw error;
      } finally {
        const after = calls.pass(run, 'after');
        if (after) await after;
      }
    },
  };
}

/** Heartbeat and slot, on the primary. */
function keepUp(server: Server, { epoch, slotUpTo }: Keep, at: number): 'written' | { refused: string } {
  if (server.recovering) return { refused: 'cannot execute UPDATE in a read-only transaction' };
  if (server.full) return { refused: 'No space left on device' };
  server.append(at, { kind: 'heartbeat', heartbeat: { at, epoch } });
  server.proved = server.timeline;
  server.beatAt = server.workedMillis;
  server.slot ??= server.timeline.last.lsn;
  if (slotUpTo !== undefined) {
    server.slot = Math.max(server.slot, Math.min(lsnNumber(slotUpTo), server.timeline.last.lsn));
  }
  return 'written';
}

/** @throws CallFailed failed, in recovery or without room */
function open(server: Server, epoch: number, gap: number, at: number): void {
  if (server.recovering || server.full) throw new CallFailed('failed', 'it takes no write');
  if (server.timeline.last.heartbeat.epoch === epoch) return;
  server.slot ??= server.timeline.last.lsn;
  const { nextKey } = server.timeline.last;
  server.append(at, { kind: 'heartbeat', heartbeat: { at, epoch }, nextKey: nextKey + gap });
  server.proved = server.timeline;
}
