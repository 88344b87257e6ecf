import { setTimeout as sleep } from 'node:timers/promises';
import { checkServerIdentity } from 'node:tls';
import { Client } from 'pg';
import type { Credentials } from '../../app/database/credentials';
import type { FindRealName } from '../../app/database/real-name';
import { OPERATORS, startupOptions } from '../../app/database/session-settings';

export interface Server {
  /** The writer's name, or any alias of the server's real one. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** PEM of the authorities to trust. */
  readonly ca: string;
}

/** What passes by itself: a name that DNS does not know yet, a server that starts, one that RDS is moving. */
const PASSING = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  '57P03',
  '57P01',
]);
const CONNECT_TIMEOUT_MILLIS = 10_000;
const PAUSE_MILLIS = 3_000;

/**
 * Connects with TLS, verified against the server's real name. A new database's name may take a minute to be known
 * everywhere, so what passes by itself is tried again.
 *
 * @param until milliseconds of the wall clock: no try begins later
 * @throws the last failure; a wrong password or certificate at once
 */
export async function connect(
  { host, port, database, ca }: Server,
  { user, password }: Credentials,
  findRealName: FindRealName,
  until: number,
): Promise<Client> {
  for (;;) {
    try {
      const client = clientOf(await findRealName(host), { port, database, ca }, { user, password });
      await client.connect();
      return client;
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      const passing = PASSING.has(code ?? '') || message.startsWith('timeout expired');
      if (!passing || Date.now() + PAUSE_MILLIS > until) throw error;
      await sleep(PAUSE_MILLIS);
    }
  }
}

function clientOf(
  host: string,
  { port, database, ca }: Omit<Server, 'host'>,
  { user, password }: Credentials,
): Client {
  const client = new Client({
    host,
    port,
    database,
    user,
    password,
    application_name: 'prepare-database',
    options: startupOptions({ ...OPERATORS, default_transaction_read_only: 'off' }),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MILLIS,
    ssl: {
      ca,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      // Said here, and not left to the driver: the certificate must bear the very name connected to.
      checkServerIdentity: (_, certificate) => checkServerIdentity(host.replace(/\.$/, ''), certificate),
    },
  });
  // A server that ends while nobody asks it anything: the next statement tells.
  client.on('error', () => {});
  return client;
}
