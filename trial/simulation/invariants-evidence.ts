/** Beside the eighteen: what the controller goes by is so. */
import type { Facts } from './facts';
import { admitsClients, OLD_MILLIS } from './facts';
import type { Invariant } from './invariant';

/**
 * Evidence that a fence holds names something that ended every session: a start of the server since its quarantine was in
 * force, or a restart that RDS has accepted from the controller since then.
 */
const restarted = (): Invariant => {
  /** By resource id: the server's life when the quarantine came into force. */
  const lives = new Map<string, number>();
  const accepted = new Set<string>();
  return {
    number: 23,
    sentence: 'Evidence of a fence names a restart that came about, or a call that was accepted',
    step({ world }) {
      for (const server of world.plane.servers.values()) {
        const { resourceId, life } = server;
        if (admitsClients(server)) {
          lives.delete(resourceId);
          accepted.delete(resourceId);
        } else if (!lives.has(resourceId)) lives.set(resourceId, life);
      }
      return undefined;
    },
    accepted({ world }, asked) {
      if (asked.kind !== 'rds' || asked.operation !== 'RebootDBInstance') return;
      const id = world.identified(asked.request.DBInstanceIdentifier)?.DbiResourceId;
      if (id !== undefined && lives.has(id)) accepted.add(id);
    },
    committed({ world }, { memory }, before) {
      for (const [id, { verifiedAt, evidence }] of Object.entries(memory.failover?.fence ?? {})) {
        if (verifiedAt === undefined || before?.failover?.fence[id]?.verifiedAt !== undefined) continue;
        const server = world.plane.servers.get(id);
        // Down, or just coming up: it has no session of before.
        if (server?.state !== 'running' || accepted.has(id)) continue;
        if (lives.has(id) && server.life > lives.get(id)!) continue;
        return `${world.nameOf(id)} was not restarted in quarantine, nor did RDS accept that; the evidence is "${evidence}"`;
      }
      return undefined;
    },
  };
};

/** Clocks of two runs differ, and a look takes its time. */
const ROUND_MILLIS = 6_000;

const silentForLong: Invariant = {
  number: 24,
  sentence: 'No failover begins within detectAfter of a sign of life of the primary',
  committed({ world, now, livedAt }: Facts, { memory: { failover } }, before) {
    if (failover?.kind !== 'automatic' || before?.failover?.decidedAt === failover.decidedAt)
      return undefined;
    const ago = now - (livedAt.get(failover.from) ?? -Infinity);
    return ago < world.policy.detectAfterMillis - ROUND_MILLIS
      ? `a failover begins, and ${world.nameOf(failover.from)} has shown that it lives ${Math.round(ago / 1000)} s ago`
      : undefined;
  },
};

/** RDS brings it back by itself: the server is down, or there is a standby. */
const BY_ITSELF = /^(rebooting|starting|upgrading|renaming)$/;

/** `cannot_connect_now`: the server itself says that it is being brought back. */
const STARTING = '57P03';

const leftToRds = (): Invariant => {
  /** Since when RDS has been at work on the primary, perhaps more than once, in this silence of it. */
  let careSince: number | undefined;
  return {
    number: 25,
    sentence: 'RDS is given its time: no failover begins while it brings the primary back',
    step({ world, now, memory, livedAt }) {
      const { primary = '' } = memory ?? {};
      const { DBInstanceStatus = '', MultiAZ } = world.instance(primary) ?? {};
      const saysSo = world.plane.servers.get(primary)?.error === STARTING;
      const isInCare = MultiAZ === true || saysSo || BY_ITSELF.test(DBInstanceStatus);
      if ((livedAt.get(primary) ?? 0) > (careSince ?? 0)) careSince = undefined;
      if (isInCare) careSince ??= now;
      return undefined;
    },
    committed({ world, now }: Facts, { memory: { failover } }, before) {
      if (failover?.kind !== 'automatic' || before?.failover?.decidedAt === failover.decidedAt)
        return undefined;
      // What was so a moment ago is not seen, or not any more.
      if (careSince === undefined || now - careSince < OLD_MILLIS || world.stale) return undefined;
      const waited = now - careSince;
      return waited < world.policy.managedFailoverGraceMillis - ROUND_MILLIS
        ? `a failover begins, and RDS has had ${Math.round(waited / 1000)} s to bring ${world.nameOf(failover.from)} back`
        : undefined;
    },
  };
};

export const EVIDENCE = (): readonly Invariant[] => [restarted(), silentForLong, leftToRds()];
