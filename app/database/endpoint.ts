/** One name of the database, the writer's or the reader's: which servers it stands for, and who is next. */
import type { Log } from '../log';
import type { Counting } from './counts';
import { DatabaseUnavailable } from './errors';
import type { Connection, HostPool, HostPoolParts, HostPoolSettings } from './host-pool';
import { hostPool } from './host-pool';
import type { FindRealName } from './real-name';
import { nextInTurn, patienceMillis } from './rotation';

export interface EndpointSettings extends HostPoolSettings {
  /** The name as the settings have it. */
  readonly host: string;
  /** 'one': the server that is answered now, whatever its state. 'all': each that takes part, while it can be reached. */
  readonly servers: 'one' | 'all';
}

export interface EndpointParts extends HostPoolParts {
  readonly findRealName: FindRealName;
  readonly log: Log;
  readonly counts: Counting;
  /** @default LOOK_UP_EVERY_MILLIS */
  readonly lookUpEveryMillis?: number;
  /** A name of servers: 'one' stands for another server than before. */
  readonly onMoved?: () => void;
}

export interface Endpoint {
  /**
   * Runs work on the server whose turn it is, of those not in `tried`, and adds it there.
   * @returns nothing when there is none. @throws as HostPool, and DatabaseUnavailable without an answer of DNS
   */
  run<T>(
    work: (connection: Connection) => Promise<T>,
    tried?: Set<string>,
  ): Promise<{ value: T } | undefined>;
  /** Looks the name up again. Never throws: without an answer what is known stays. */
  lookUp(): Promise<void>;
  /** Forgets every server: only those that are answered from now on count. */
  forget(): void;
  close(): Promise<void>;
}

/**
 * Names of our zone live 5 s. A lookup a second sees a change at once where no cache lies between, costs
 * little where one does, and every new connection goes where the name has led within the last second.
 */
const LOOK_UP_EVERY_MILLIS = 1_000;

/**
 * While the one server is away, its successor is looked for so many times as often: when connections to it hang, as
 * behind a security group that lets nobody in, no failing request looks.
 */
const HURRY = 5;

/** One spelling a server. A socket's folder is no name. */
const plain = (name: string) => (name.startsWith('/') ? name : name.toLowerCase().replace(/\.$/, ''));

/** A server of this name; what changes about it is written here. */
interface Host {
  readonly name: string;
  readonly pool: HostPool;
  seenAt: number;
  turn: number;
  inFlight: number;
  /** It was gone when last tried. No request waits for it: a connection made in the background brings it back. */
  away: boolean;
  probing: boolean;
}

export function endpoint(settings: EndpointSettings, parts: EndpointParts): Endpoint {
  const { findRealName, log, now, counts, lookUpEveryMillis = LOOK_UP_EVERY_MILLIS } = parts;
  const onlyOne = settings.servers === 'one';
  const hosts = new Map<string, Host>();
  let turns = 0;
  let closed = false;
  const closing = new Set<Promise<void>>();

  const add = (name: string): Host => {
    const pool = hostPool(name, settings, parts, () => {
      if (!host.away) counts.add('renewals');
      host.away = true;
      void lookUp();
    });
    const host: Host = { name, pool, seenAt: now(), turn: 0, inFlight: 0, away: false, probing: false };
    hosts.set(name, host);
    return host;
  };

  const drop = (host: Host) => {
    hosts.delete(host.name);
    const end = host.pool.close().finally(() => closing.delete(end));
    closing.add(end);
  };

  const answered = (name: string) => {
    if (closed) return;
    const known = hosts.get(name);
    const isMove = onlyOne && !known && hosts.size > 0;
    (known ?? add(name)).seenAt = now();
    for (const host of hosts.values()) {
      const isGone = onlyOne ? host.name !== name : now() - host.seenAt > patienceMillis(hosts.size);
      if (isGone) drop(host);
    }
    if (isMove) {
      counts.add('renewals');
      log.info('database name moved', { name: settings.host, to: name });
      parts.onMoved?.();
    }
  };

  let lookingUp: Promise<void> | undefined;
  /** Lookups that are wanted at the same time are one; one that began before forget() tells nothing any more. */
  const ask = (): Promise<void> => {
    if (lookingUp) return lookingUp;
    const mine = findRealName(settings.host)
      .then((name) => {
        if (mine === lookingUp) answered(plain(name));
      })
      .finally(() => {
        if (mine === lookingUp) lookingUp = undefined;
      });
    return (lookingUp = mine);
  };
  const lookUp = () =>
    ask().catch((error: unknown) => log.debug('database name not answered', { name: settings.host, error }));

  const probe = async (host: Host) => {
    host.probing = true;
    try {
      await host.pool.run(({ query }) => query('select 1'));
      host.away = false;
    } catch (error) {
      log.debug('database still away', { host: host.name, error });
    } finally {
      host.probing = false;
    }
  };

  const tick = () => {
    void lookUp();
    if (!onlyOne) for (const host of hosts.values()) if (host.away && !host.probing) void probe(host);
  };
  // From the beginning: when the first request comes, most replicas have been seen.
  let beats = 0;
  const timer = setInterval(() => {
    const isAway = onlyOne && [...hosts.values()].some(({ away }) => away);
    if (++beats % HURRY === 0 || isAway) tick();
  }, lookUpEveryMillis / HURRY);
  timer.unref();
  tick();

  return {
    async run(work, tried = new Set()) {
      if (hosts.size === 0) {
        await ask().catch((error: unknown) => {
          throw new DatabaseUnavailable(error);
        });
      }
      const host = nextInTurn(
        [...hosts.values()].filter(({ name, away }) => onlyOne || (!away && !tried.has(name))),
        settings.limits.connections,
      );
      if (!host) return undefined;
      tried.add(host.name);
      host.turn = ++turns;
      host.inFlight++;
      try {
        const value = await host.pool.run(work);
        if (onlyOne) host.away = false; // the others are brought back by their probe
        return { value };
      } finally {
        host.inFlight--;
      }
    },
    lookUp,
    forget() {
      lookingUp = undefined;
      for (const host of [...hosts.values()]) drop(host);
    },
    async close() {
      closed = true;
      clearInterval(timer);
      for (const host of [...hosts.values()]) drop(host);
      await Promise.all(closing);
    },
  };
}
