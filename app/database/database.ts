/** The site's database: writes go to the primary, reads to the replicas, and what one wrote one reads. */
import type { SiteEnvironment } from '../environment';
import { isLocalHost } from '../environment';
import type { Log } from '../log';
import type { Counts } from './counts';
import { counting } from './counts';
import type { CredentialSource, FetchSecret } from './credentials';
import { fromSecret, withoutPassword } from './credentials';
import type { EndpointSettings } from './endpoint';
import { endpoint } from './endpoint';
import type { Session } from './host-pool';
import type { Limits } from './limits';
import { LIMITS } from './limits';
import type { Position } from './position';
import { reading } from './reading';
import type { FindRealName } from './real-name';
import { writing } from './writing';

export interface Outcome<T> {
  readonly value: T;
  /** The real name of the server that answered. */
  readonly host: string;
}

export interface Written<T> extends Outcome<T> {
  /** Whoever reads with this sees the write. */
  readonly position: Position;
}

export interface Database {
  /**
   * Runs work that only reads, on a replica: what it sees may lag behind. Work may be run up to three
   * times, each time on another server, when servers fail.
   * @param after a write's position: the read sees that write, on a replica that has it or on the primary
   * @throws DatabaseUnavailable for what passes by itself; anything else as it came
   */
  read<T>(
    work: (session: Session) => Promise<T>,
    options?: { readonly after?: Position },
  ): Promise<Outcome<T>>;
  /**
   * Runs work in one transaction on the primary: all of it happens, or nothing.
   * @param idempotent the work may be run again when it is not known whether it was done; by default
   *   it is begun once
   * @throws as read
   */
  write<T>(
    work: (session: Session) => Promise<T>,
    options?: { readonly idempotent?: boolean },
  ): Promise<Written<T>>;
  counts(): Counts;
  /** Ends the connections, each after its work. */
  close(): Promise<void>;
}

export interface DatabaseParts {
  readonly fetchSecret: FetchSecret;
  readonly findRealName: FindRealName;
  readonly log: Log;
  /** Text of the PEM file with the authorities; absent: this machine's database, without TLS. */
  readonly ca?: string;
  /** @default - LIMITS */
  readonly limits?: { readonly reading?: Partial<Limits>; readonly writing?: Partial<Limits> };
  /** Milliseconds from one lookup of a name to the next. @default - a second */
  readonly lookUpEveryMillis?: number;
  /** Milliseconds of a clock. @default - the wall clock */
  readonly now?: () => number;
  /** From 0 to 1. @default - Math.random */
  readonly random?: () => number;
}

/** Connects nothing yet: the first use does, so that a site starts while its database is away. */
export function openDatabase(
  { database, server }: Pick<SiteEnvironment, 'database' | 'server'>,
  parts: DatabaseParts,
): Database {
  const { fetchSecret, log, ca, limits, now = Date.now, random = Math.random } = parts;
  const counts = counting();

  const sources = new Map<string | undefined, CredentialSource>();
  /** One a secret: what one pool finds out about a rotated password helps the others. */
  const sourceOf = (secretArn: string | undefined): CredentialSource => {
    const source =
      sources.get(secretArn) ??
      (secretArn ? fromSecret(secretArn, fetchSecret, now) : withoutPassword(database.user ?? ''));
    sources.set(secretArn, source);
    return source;
  };

  const open = (
    host: string,
    role: SiteEnvironment['database']['writer'],
    settings: Pick<EndpointSettings, 'servers' | 'readOnly'>,
    onMoved?: () => void,
  ) => {
    // A unix socket has no TLS; a loopback address has it when there is something to verify it by.
    const trusted = host.startsWith('/') ? undefined : ca;
    if (trusted === undefined && !isLocalHost(host)) throw new Error(`No TLS to ${host}: a CA is missing`);
    return endpoint(
      {
        ...settings,
        host,
        port: database.port,
        database: database.name,
        ca: trusted,
        name: `site ${server.id}`,
        limits: settings.readOnly
          ? { ...LIMITS.reading, ...limits?.reading }
          : { ...LIMITS.writing, ...limits?.writing },
      },
      { ...parts, source: sourceOf(role.secretArn), counts, now, random, onMoved },
    );
  };

  const { reader, writer } = database;
  const replicas =
    reader.host === writer.host ? undefined : open(reader.host, reader, { servers: 'all', readOnly: true });
  // Reads at the primary have connections of their own, and the reading role: they must not take the
  // writers' connections away when all replicas are gone, nor turn into writes.
  const primaryReads = open(writer.host, reader, { servers: 'one', readOnly: true });
  // A writer name that moves means a failover: replicas of the old primary may be stuck on its timeline,
  // and whoever wrote to the new one must not read from the old.
  const primary = open(writer.host, writer, { servers: 'one', readOnly: false }, () => {
    replicas?.forget();
    primaryReads.forget();
  });

  return {
    read: reading({ replicas, primary: primaryReads, counts, log, now }),
    write: writing(primary, counts),
    counts: () => counts.current(),
    close: async () => {
      await Promise.all([replicas?.close(), primaryReads.close(), primary.close()]);
    },
  };
}
