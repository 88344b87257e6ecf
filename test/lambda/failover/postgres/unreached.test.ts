/** Servers that are none: what comes of a connection to them. */
import { type Server, type Socket, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Log } from '../../../../lambda/failover/ports';
import type { Access } from '../../../../lambda/failover/postgres/connection';
import { prober } from '../../../../lambda/failover/postgres/probe';
import { type TestCertificate, makeCertificate } from '../../../support/certificate';
import { until } from '../../../support/replica';
import { sourceOf } from './stand';

let tls: TestCertificate;
let access: Access;
const servers: Server[] = [];
const sockets = new Set<Socket>();

const log = { warn: () => undefined } as unknown as Log;

/** @returns its port */
async function serve(talk: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    talk(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const probe = (port: number, host = 'localhost') => prober(access, log)({ host, port });

/** Takes TLS as PostgreSQL does, then says what it is to say after the first packet. */
const withTls = (say: (socket: TLSSocket) => void) => (socket: Socket) => {
  socket.once('data', () => {
    socket.write('S');
    const secure = new TLSSocket(socket, { isServer: true, cert: tls.certificate, key: tls.key });
    secure.on('error', () => undefined);
    secure.once('data', () => say(secure));
  });
};

/** ErrorResponse: https://www.postgresql.org/docs/17/protocol-message-formats.html */
function fatal(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5, 'E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

beforeAll(async () => {
  tls = await makeCertificate('localhost');
  const source = sourceOf('secret');
  access = { database: 'site', ca: tls.certificate, current: source, previous: source };
});

afterEach(async () => {
  // Whatever came of it, nothing is left open.
  await until(() => [...sockets].every((socket) => socket.resume().destroyed));
  sockets.clear();
  for (const server of servers.splice(0)) server.close();
});

test('nobody listens: refused', async () => {
  const port = await serve(() => undefined);
  await new Promise((closed) => servers.pop()!.close(closed));
  expect(await probe(port)).toMatchObject({ reached: false, why: 'refused' });
});

test.each([
  ['a reset at once', (socket: Socket) => socket.resetAndDestroy()],
  ['a reset after our first word', (socket: Socket) => socket.once('data', () => socket.resetAndDestroy())],
  ['an end without a word', (socket: Socket) => socket.once('data', () => socket.end())],
])('%s: refused', async (_, talk) => {
  expect(await probe(await serve(talk))).toMatchObject({ reached: false, why: 'refused' });
});

test.each([
  [
    'a reset after a byte',
    (socket: Socket) =>
      socket.once('data', () => socket.write('S', () => setTimeout(() => socket.resetAndDestroy(), 20))),
  ],
  ['an end after a byte', (socket: Socket) => socket.once('data', () => socket.end('S'))],
  ['an end after TLS', withTls((socket) => socket.end())],
  ['garbage', (socket: Socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))],
  ['garbage after TLS', withTls((socket) => socket.end('R\0\0\0\x08\0\0\0\x63HTTP/1.1 400'))],
  ['garbage instead of TLS', (socket: Socket) => socket.on('data', () => socket.write('Sgarbage'))],
])('%s: silent', async (_, talk) => {
  expect(await probe(await serve(talk as never))).toMatchObject({ reached: false, why: 'silent' });
});

test.each([
  ['nothing', () => undefined],
  ['nothing after TLS', withTls(() => undefined)],
])('%s: silent, within the time limit, and the connection is closed', async (_, talk) => {
  expect(await probe(await serve(talk as never))).toEqual({
    reached: false,
    why: 'silent',
    message: 'no answer within 2000 ms, while connecting',
  });
});

test.each([
  ['57P03', 'the database system is starting up', 'starting'],
  ['57P01', 'terminating connection due to administrator command', 'starting'],
  ['57P02', 'terminating connection because of crash', 'starting'],
  ['53300', 'sorry, too many clients already', 'rejected'],
  ['28000', 'no pg_hba.conf entry', 'rejected'],
  ['3D000', 'database "site" does not exist', 'rejected'],
  // Whatever is wrong with it: it lives.
  ['25006', 'cannot execute UPDATE in a read-only transaction', 'rejected'],
  ['53100', 'could not extend file: No space left on device', 'rejected'],
  ['53200', 'out of memory', 'rejected'],
  ['55000', 'not in the prerequisite state', 'rejected'],
  ['57014', 'canceling statement due to statement timeout', 'rejected'],
  ['57P05', 'terminating connection due to idle-session timeout', 'rejected'],
  ['58030', 'could not read file: Input/output error', 'rejected'],
  ['XX000', 'out of order', 'rejected'],
])('%s: %s: %s', async (code, message, why) => {
  const port = await serve(withTls((socket) => socket.end(fatal(code, message))));
  expect(await probe(port)).toEqual({ reached: false, why, message: `${code}: ${message}` });
});

test('TLS that both do not agree on: rejected', async () => {
  const port = await serve((socket) =>
    socket.once('data', () => {
      socket.write('S');
      // Without a certificate there is no cipher that it could offer.
      new TLSSocket(socket, { isServer: true }).on('error', () => undefined);
    }),
  );
  expect(await probe(port)).toMatchObject({ reached: false, why: 'rejected' });
});

test('no TLS: rejected', async () => {
  const port = await serve((socket) => socket.once('data', () => socket.write('N')));
  expect(await probe(port)).toMatchObject({ why: 'rejected' });
});

test('a certificate of another authority, or for another name: rejected', async () => {
  const port = await serve(withTls(() => undefined));
  expect(await probe(port, '127.0.0.1')).toMatchObject({ why: 'rejected' });
  access = { ...access, ca: (await makeCertificate('localhost')).certificate };
  expect(await probe(port)).toMatchObject({ why: 'rejected' });
});
