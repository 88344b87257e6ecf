import { type Server, type Socket, connect, createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Gate } from '../../../trial/postgres/gate';
import { Path } from '../../../trial/postgres/path';
import { NETWORK, STRANGER, WEB, eventually, hangs } from './world';

const GATE = { address: `${NETWORK}.250.1`, port: 5432 };
const SERVER = { address: `${NETWORK}.250.1`, port: 5433 };

let path: Path;
let isStrangerAdmitted: boolean;
let server: Server;
let accepted: Socket[];
let gate: Gate;
let clients: Socket[];

beforeEach(async () => {
  path = new Path();
  isStrangerAdmitted = false;
  accepted = [];
  clients = [];
  server = createServer((socket) => {
    accepted.push(socket.on('error', () => undefined));
    socket.on('data', (data) => data.toString().startsWith('echo') && socket.write(data));
  });
  await new Promise<void>((resolve) => server.listen(SERVER.port, SERVER.address, resolve));
  gate = new Gate({
    listen: GATE,
    admits: (remote) => remote === WEB || isStrangerAdmitted,
    pathsOf: () => [path],
  });
  await gate.open();
  gate.leadTo(SERVER);
});

afterEach(async () => {
  path.set('pass');
  for (const socket of [...clients, ...accepted]) socket.destroy();
  await gate.close();
  // Nothing of a session is left, however it ended: a socket that stays keeps the whole process.
  await eventually(() => gate.sessionCount === 0);
  await new Promise((resolve) => server.close(resolve));
});

function client(from = WEB): Socket {
  const socket = connect({ host: GATE.address, port: GATE.port, localAddress: from });
  clients.push(socket.on('error', () => undefined));
  return socket;
}

const answer = async (socket: Socket) => String((await once(socket, 'data'))[0]);
const ended = (socket: Socket) => new Promise<boolean>((resolve) => socket.once('close', resolve));

test('passes on both ways, from the address of the client', async () => {
  const socket = client();
  socket.write('echo 1');
  expect(await answer(socket)).toBe('echo 1');
  expect(accepted[0]!.remoteAddress).toBe(WEB);
  socket.end();
  expect(await ended(socket)).toBe(false);
  await eventually(() => gate.sessionCount === 0);
});

test('what the server said last arrives before the end', async () => {
  const socket = client();
  socket.write('x');
  await once(server, 'connection');
  accepted[0]!.end('goodbye');
  expect(await answer(socket)).toBe('goodbye');
});

test('who is not admitted hangs, and gets through when he is; who is in stays in', async () => {
  const inside = client();
  inside.write('echo in');
  await answer(inside);
  const outside = client(STRANGER);
  outside.write('echo out');
  const told = answer(outside);
  expect(await hangs(told)).toBe(true);
  expect(accepted).toHaveLength(1);
  isStrangerAdmitted = true;
  gate.reconsider();
  expect(await told).toBe('echo out');

  isStrangerAdmitted = false;
  gate.reconsider();
  outside.write('echo still');
  expect(await answer(outside)).toBe('echo still');
});

test('dropped packets reset nobody, arrive when packets pass again, and are not read meanwhile', async () => {
  const socket = client();
  socket.write('echo 1');
  await answer(socket);
  path.set('drop');
  socket.write('echo 2');
  const told = answer(socket);
  expect(await hangs(Promise.race([told, ended(socket)]))).toBe(true);

  // Back-pressure: of very much to send only what sockets and the gate's few buffers hold goes away.
  const chunk = Buffer.alloc(1 << 20);
  let sent = 0;
  while (sent < 64 && socket.write(chunk)) sent++;
  for (let i = 0; i < 64; i++) socket.write(chunk);
  await sleep(300);
  expect(socket.writableLength).toBeGreaterThan(32 << 20);

  // Whoever comes now hangs as well, and finds its way later.
  const late = client();
  late.write('echo late');
  const lateTold = answer(late);
  expect(await hangs(lateTold, 100)).toBe(true);
  path.set('pass');
  expect((await told).startsWith('echo 2')).toBe(true);
  expect(await lateTold).toBe('echo late');
});

test('a server that dies behind dropped packets is not noticed before they pass', async () => {
  const socket = client();
  socket.write('echo 1');
  await answer(socket);
  path.set('drop');
  const end = ended(socket);
  gate.cut();
  expect(await hangs(end)).toBe(true);
  path.set('pass');
  await end;
});

test('a delay delays', async () => {
  const socket = client();
  socket.write('echo 1');
  await answer(socket);
  path.set({ delayMillis: 150 });
  const start = performance.now();
  socket.write('echo 2');
  await answer(socket);
  // Timers may be early by a millisecond; there and back.
  expect(performance.now() - start).toBeGreaterThan(298);
});

test('a cut, and a host without a server, reset; no host hangs', async () => {
  const socket = client();
  socket.write('echo 1');
  await answer(socket);
  const reset = once(socket, 'error').catch((error: Error) => [error]);
  gate.cut();
  expect(String((await reset)[0])).toMatch(/ECONNRESET/);

  gate.leadTo('nothing');
  const refused = client();
  await expect(once(refused, 'data')).rejects.toThrow(/ECONNRESET/);

  gate.leadTo('no host');
  const silent = client();
  silent.write('echo 3');
  const told = answer(silent);
  expect(await hangs(told)).toBe(true);
  gate.leadTo(SERVER);
  expect(await told).toBe('echo 3');
});

test('many megabytes come through whole, both ways', async () => {
  const mirror = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => mirror.listen(5434, SERVER.address, resolve));
  try {
    gate.leadTo({ ...SERVER, port: 5434 });
    const socket = client();
    const sent = Buffer.alloc(20 << 20, 'scale from zero ');
    socket.end(sent);
    const got: Buffer[] = [];
    for await (const chunk of socket) got.push(chunk as Buffer);
    expect(Buffer.concat(got).equals(sent)).toBe(true);
  } finally {
    mirror.close();
  }
});
