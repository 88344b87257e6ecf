/** What a replica receives and replays, as time passes. */
import type { Network } from './network';
import type { Server } from './server';

/** wal_receiver_timeout, as lib/data/parameter-group.ts has it: half of the time to detect. */
const RECEIVER_TIMEOUT_MILLIS = 10_000;

/** wal_retrieve_retry_interval, as PostgreSQL has it. */
const RETRY_MILLIS = 5_000;

/**
 * Brings a replica up to now. Replication takes RDS's own way: no security group concerns it, but cables do.
 * What was on its way when the way broke did not arrive.
 */
export function follow(replica: Server, source: Server | undefined, network: Network, now: number): void {
  const { receiver } = replica;
  if (!replica.recovering || !replica.works) {
    if (replica.state !== 'running') receiver.streaming = false;
    delete receiver.possibleSince;
    return;
  }
  const isFree =
    source !== undefined &&
    source.works &&
    source.timeline === replica.timeline &&
    !network.blocked(source.resourceId, replica.resourceId);
  if (isFree) receiver.possibleSince ??= now;
  else delete receiver.possibleSince;

  if (receiver.streaming) {
    if (isFree) receiver.heardAt = now;
    else if (!source || hasClosed(source, replica, network)) receiver.streaming = false;
    else if (now - receiver.heardAt >= RECEIVER_TIMEOUT_MILLIS) receiver.streaming = false;
  } else if (isFree && now - receiver.possibleSince! >= RETRY_MILLIS) {
    receiver.streaming = true;
    receiver.heardAt = receiver.upSince = now;
  }
  if (isFree && receiver.streaming) receive(replica, source, now);
  replay(replica, now);
}

/** Its end of the socket says so: a server that ended closes it, one that is away or frozen says nothing. */
function hasClosed(source: Server, replica: Server, network: Network): boolean {
  if (source.silent || network.blocked(source.resourceId, replica.resourceId)) return false;
  return source.state !== 'running' || source.timeline !== replica.timeline;
}

function receive(replica: Server, { timeline }: Server, now: number): void {
  const { receiver, linkDelayMillis } = replica;
  const free = Math.max(receiver.upSince, receiver.possibleSince!);
  while (replica.received < timeline.length) {
    if (Math.max(timeline.at(replica.received).at, free) + linkDelayMillis > now) break;
    replica.received++;
  }
}

function replay(replica: Server, now: number): void {
  const { timeline, linkDelayMillis, replayDelayMillis } = replica;
  while (replica.replayed < replica.received) {
    const arrived = timeline.at(replica.replayed).at + linkDelayMillis;
    if (replayDelayMillis > 0 && arrived + replayDelayMillis > now) break;
    replica.replayed++;
  }
}
