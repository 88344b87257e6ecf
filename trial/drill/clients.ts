/** Sessions as the site's servers have them: from a server's address, by the role that writes. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetSecretValueCommand,
  SecretsManagerClient,
  paginateListSecrets,
} from '@aws-sdk/client-secrets-manager';
import { Client } from 'pg';
import { WRITES, startupOptions } from '../../app/database/session-settings';
import type { DatabaseFacts, TrialFacts } from '../control/contract';
import { TrialFailure } from '../failure';
import { socketFrom } from '../postgres/gate';
import { type Target, clientConfig } from '../target';
import { collect } from '../walk/collect';

export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly database: string;
}

const WRITER = 'app_writer';

/** Of the role that the site writes by. @throws TrialFailure when there is no such secret */
export async function writerCredentials(target: Target): Promise<Credentials> {
  const client = new SecretsManagerClient(clientConfig(target));
  try {
    const all = await collect(paginateListSecrets({ client }, {}), (page) => page.SecretList);
    for (const { ARN } of all) {
      const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: ARN }));
      const secret = parsed(SecretString);
      if (secret['username'] !== WRITER) continue;
      return { username: WRITER, password: secret['password'] ?? '', database: secret['dbname'] ?? 'site' };
    }
  } finally {
    client.destroy();
  }
  throw new TrialFailure(`The trial has no secret of the role ${WRITER}: its databases were not prepared.`);
}

function parsed(text: string): Record<string, string | undefined> {
  try {
    return JSON.parse(text) as Record<string, string | undefined>;
  } catch {
    return {}; // another kind of secret
  }
}

/** Where a client on one of the site's servers would connect from. @throws TrialFailure when there is no server */
export function serverAddress({ servers }: TrialFacts): string {
  const found = servers.find(({ state }) => state === 'healthy');
  if (found) return found.address;
  throw new TrialFailure('No server of the site is healthy.');
}

/** How long a client waits for a connection, or an answer. */
const WAIT_MILLIS = 1_500;

export interface SessionOptions {
  /** `127.77.0.2:5432`. */
  readonly to: string;
  readonly from: string;
  readonly credentials: Credentials;
  /** Absent: for ever. */
  readonly queryMillis?: number;
}

/** The caller ends it. */
export async function connected({ to, from, credentials, queryMillis }: SessionOptions): Promise<Client> {
  const [host, port] = to.split(':');
  const client = new Client({
    host,
    port: Number(port),
    user: credentials.username,
    password: credentials.password,
    database: credentials.database,
    // The site verifies names; here it only matters that it is a client's connection.
    ssl: { rejectUnauthorized: false },
    stream: () => socketFrom(from),
    connectionTimeoutMillis: WAIT_MILLIS,
    query_timeout: queryMillis,
    application_name: 'drill',
    // It writes what the site writes.
    options: startupOptions(WRITES),
  });
  client.on('error', () => undefined); // the query that suffers from it says so
  await client.connect();
  return client;
}

/** A commit that a server has acknowledged to a client, on whichever database. */
export interface Commit {
  readonly identifier: string;
  readonly address: string;
  readonly begunAt: number;
  readonly doneAt: number;
}

/** Takes a transaction id, which a server in recovery refuses; its commit is in the log as any other's. */
const COMMIT = 'select pg_current_xact_id()';

const EVERY_MILLIS = 100;

/**
 * Clients that try to write to every database all the time, whatever the names say: by a session that stays open as long
 * as it can, and by new ones. What they manage to commit shows who is writable *and* reachable by clients.
 */
export class Rivals {
  readonly commits: Commit[] = [];
  private readonly ending = new AbortController();
  private readonly loops = new Map<string, Promise<void>>();
  private readonly identifiers = new Map<string, string>();

  constructor(
    private readonly credentials: Credentials,
    private readonly from: string,
  ) {}

  /** Of which databases there are now: may be told again and again. */
  follow(databases: readonly DatabaseFacts[]): void {
    for (const { address, identifier } of databases) {
      if (address === undefined) continue;
      this.identifiers.set(address, identifier);
      if (!this.loops.has(address)) this.loops.set(address, this.loop(address));
    }
  }

  async end(): Promise<void> {
    this.ending.abort();
    await Promise.all(this.loops.values());
  }

  private async loop(to: string): Promise<void> {
    const { credentials, from } = this;
    const { signal } = this.ending;
    let client: Client | undefined;
    const leave = () => void client?.end().catch(() => undefined);
    while (!signal.aborted) {
      try {
        client ??= await connected({ to, from, credentials, queryMillis: WAIT_MILLIS });
        const begunAt = Date.now();
        await client.query(COMMIT);
        const identifier = this.identifiers.get(to)!;
        this.commits.push({ identifier, address: to, begunAt, doneAt: Date.now() });
      } catch (error) {
        // A replica's session is a good one: it tells that it may not write.
        if (!isReadOnly(error)) {
          leave();
          client = undefined;
        }
      }
      await sleep(EVERY_MILLIS, undefined, { signal }).catch(() => undefined);
    }
    leave();
  }
}

/** read_only_sql_transaction, or "cannot assign transaction ids during recovery" (feature_not_supported and the like). */
const isReadOnly = (error: unknown): boolean =>
  /recovery|read-only/.test((error as Error).message) && 'code' in (error as object);

/** Sentences on moments at which a database took a write though another one, that came later, had taken one before. */
export function rivalries(commits: readonly Commit[]): string[] {
  const inOrder = [...commits].sort((one, other) => one.doneAt - other.doneAt);
  const first = new Map<string, Commit>();
  for (const commit of inOrder) if (!first.has(commit.address)) first.set(commit.address, commit);
  return [...first.values()].flatMap((later) => {
    const earlier = [...first.values()].filter((one) => one.doneAt < later.doneAt);
    return earlier.flatMap(({ address, identifier }) => {
      // A commit is somewhere between its begin and its answer: only what surely came later counts.
      const after = inOrder.filter((one) => one.address === address && one.begunAt > later.doneAt);
      return after.length === 0
        ? []
        : [
            `${identifier} took ${after.length} writes after ${later.identifier} had taken its first one, the last of them ${((after.at(-1)!.begunAt - later.doneAt) / 1000).toFixed(1)} s later`,
          ];
    });
  });
}
