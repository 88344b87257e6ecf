/** One connection to one database, made anew and always closed, within a time limit. */
import { Resolver } from 'node:dns/promises';
import type { EventEmitter } from 'node:events';
import { Socket, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { checkServerIdentity } from 'node:tls';
import { Client } from 'pg';
import type { CredentialSource, Credentials } from '../../../app/database/credentials';
import { sqlState } from '../../../app/database/errors';
import { OPERATORS, startupOptions } from '../../../app/database/session-settings';
import type { Address } from '../observation';
import { NotReached, notReached } from './unreached';

export interface Access {
  readonly database: string;
  /** PEM of the authorities to trust. */
  readonly ca: string;
  /** Of the role controller: as the secret is now, and as it was before the last rotation. */
  readonly current: CredentialSource;
  readonly previous: CredentialSource;
  /** @default - the name servers of this machine */
  readonly resolve?: (name: string) => Promise<string>;
}

/** Runs statements on the connection; the rows of the last one. */
export type Ask = <Row extends object>(text: string, values?: unknown[]) => Promise<Row[]>;

export interface Limits {
  /** From the name to the last answer. */
  readonly milliseconds: number;
  /** When the server shall end a statement by itself; less than the limit, so that it can still say so. */
  readonly statementMillis: number;
}

/**
 * @throws NotReached when the server cannot be asked, or says so itself by the SQLSTATE of its error; of the statements'
 *   other errors whatever `work` throws
 */
export async function connected<T>(
  address: Address,
  access: Access,
  { milliseconds, statementMillis }: Limits,
  work: (ask: Ask) => Promise<T>,
): Promise<T> {
  const line = new Line();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `no answer within ${milliseconds} ms, while ${line.doing}`;
      reject(new NotReached('silent', message, undefined, true));
      line.cut();
    }, milliseconds);
  });
  const conversation = async () => {
    await signIn(line, address, access, statementMillis);
    return work(line.ask);
  };
  try {
    return await Promise.race([conversation(), late]);
  } finally {
    clearTimeout(timer);
    await line.hangUp();
  }
}

async function signIn(line: Line, address: Address, access: Access, statementMillis: number): Promise<void> {
  const name = address.host.replace(/\.$/, '');
  const host = await resolved(name, access.resolve ?? addressOf);
  line.doing = 'fetching the password';
  const first = await access.current.current().catch((error: Error) => {
    throw new NotReached('silent', `the password could not be had: ${error.message}`);
  });
  const { database, ca } = access;
  const opening = { name, host, port: address.port, database, ca, statementMillis };
  const tried: Credentials[] = [];
  let refusal: unknown;
  for (const find of [() => Promise.resolve(first), ...otherPasswords(access, first)]) {
    line.doing = 'fetching another password';
    const credentials = await find();
    if (!credentials || tried.some((one) => isSame(one, credentials))) continue;
    tried.push(credentials);
    try {
      return await line.open(opening, credentials);
    } catch (error) {
      if (!isRefused(error)) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

const isRefused = (error: unknown) => error instanceof NotReached && sqlState(error.cause) === '28P01';

const isSame = (one: Credentials, other: Credentials) =>
  one.user === other.user && one.password === other.password;

/**
 * What else may let us in. The secret may have been rotated since it was read; or, as a replica learns of a new password
 * with what it replays, the former one is still right there.
 */
const otherPasswords = (
  { current, previous }: Access,
  refused: Credentials,
): (() => Promise<Credentials | undefined>)[] => [
  () => current.renew(refused).then(current.current).catch(nothing),
  () => previous.current().catch(nothing),
  () =>
    previous
      .current()
      .then((former) => previous.renew(former))
      .then(previous.current)
      .catch(nothing),
];

const nothing = () => undefined;

async function resolved(name: string, resolve: (name: string) => Promise<string>): Promise<string> {
  if (isIP(name) !== 0) return name;
  if (name === 'localhost') return '127.0.0.1';
  try {
    return await resolve(name);
  } catch (error) {
    // Whatever it was: a resolver that refuses says nothing of the database.
    const { code, message } = error as { code?: string; message: string };
    throw new NotReached('unnamed', `the address of ${name} could not be had: ${code ?? message}`);
  }
}

/** Not dns.lookup: that takes one of four threads, which lookups that hang would keep from everything else. */
async function addressOf(name: string): Promise<string> {
  const [first] = await new Resolver({ timeout: 500, tries: 3 }).resolve4(name);
  if (first === undefined) throw new Error('no answer');
  return first;
}

interface Opening {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly ca: string;
  readonly statementMillis: number;
}

/** Of pg's Client, what its types leave out. */
interface Internals {
  readonly connection: EventEmitter & { readonly stream: Duplex };
}

/**
 * What is no PostgreSQL makes pg's parser throw where nobody can catch it (brianc/node-postgres, packages/pg-protocol,
 * parser.ts), which would end the whole function: here it ends the connection.
 */
function catchGarbage(client: Client): void {
  const { connection } = client as unknown as Internals;
  connection.once('sslconnect', () => {
    const { stream } = connection;
    for (const parse of stream.listeners('data')) {
      stream.off('data', parse as () => void);
      stream.on('data', (bytes: Buffer) => {
        try {
          parse(bytes);
        } catch (error) {
          stream.destroy(error as Error);
        }
      });
    }
  });
}

/** A polite end takes a packet to and fro; who does not answer is left. */
const GOODBYE_MILLIS = 250;

/** The connection of the moment, and what is going on. */
class Line {
  doing = 'looking for its address';
  private client?: Client;
  private socket?: Socket;
  private isCut = false;

  async open({ name, host, ...opening }: Opening, { user, password }: Credentials): Promise<void> {
    await this.hangUp();
    // Nobody would close any more what is opened now.
    if (this.isCut) throw new NotReached('silent', 'cut');
    this.doing = 'connecting';
    const socket = new Socket();
    const client = new Client({
      host,
      port: opening.port,
      database: opening.database,
      user,
      password,
      application_name: 'failover-controller',
      options: startupOptions({ ...OPERATORS, statement_timeout: String(opening.statementMillis) }),
      stream: () => socket,
      ssl: {
        ca: opening.ca,
        minVersion: 'TLSv1.2',
        rejectUnauthorized: true,
        ...(isIP(name) === 0 && { servername: name }),
        // Said here, and not left to the driver: the certificate must bear the very name of the instance.
        checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
      },
    });
    // A server that ends while nobody asks it anything: the next statement tells.
    client.on('error', () => {});
    catchGarbage(client);
    this.client = client;
    this.socket = socket;
    try {
      await client.connect();
    } catch (error) {
      throw notReached(error, socket.bytesRead);
    }
    this.doing = 'waiting for its answer';
  }

  readonly ask: Ask = async <Row extends object>(text: string, values?: unknown[]) => {
    const { client, socket } = this;
    if (!client || !socket) throw new NotReached('silent', 'cut');
    try {
      return (await client.query<Row>(text, values)).rows;
    } catch (error) {
      const failed = notReached(error, socket.bytesRead);
      // What PostgreSQL says of a statement is for who asked; what it says of itself is the same for everybody.
      throw sqlState(error) === undefined || failed.why === 'starting' ? failed : error;
    }
  };

  /** At once, without a word. */
  cut(): void {
    this.isCut = true;
    this.socket?.destroy();
  }

  async hangUp(): Promise<void> {
    const { client, socket } = this;
    this.client = this.socket = undefined;
    if (!client || !socket) return;
    if (!socket.destroyed && !socket.connecting) {
      const goodbye = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, GOODBYE_MILLIS);
        client.once('end', () => (clearTimeout(timer), resolve()));
      });
      client.end().catch(() => undefined);
      await goodbye;
    }
    socket.destroy();
  }
}
