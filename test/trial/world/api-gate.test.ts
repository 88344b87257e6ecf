import { once } from 'node:events';
import { type Server, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Path } from '../../../trial/postgres/path';
import { type ApiGate, openApiGate } from '../../../trial/world/api-gate';

const CONTROLLER = '127.0.0.201';
const OTHER = '127.0.0.202';

let emulator: Server;
let gate: ApiGate;
const path = new Path();

beforeAll(async () => {
  emulator = createServer((request, response) => response.end(request.socket.remoteAddress));
  emulator.listen(0, '127.0.0.1');
  await once(emulator, 'listening');
  const { port } = emulator.address() as AddressInfo;
  gate = await openApiGate(`http://localhost:${port}`, (address) => (address === CONTROLLER ? [path] : []));
});

afterAll(async () => {
  await gate.close();
  emulator.closeAllConnections();
  emulator.close();
});

const ask = (localAddress: string) =>
  new Promise<string>((resolve, reject) => {
    const { port } = new URL(gate.endpoint);
    get({ host: '127.0.0.1', port, localAddress, agent: false }, (response) => {
      response.on('data', (data) => resolve(String(data)));
    }).on('error', reject);
  });

test('the emulator sees who asks', async () => {
  expect(await ask(OTHER)).toBe(OTHER);
});

test('the controller alone is cut off, and what it asked arrives when it is reconnected', async () => {
  path.set('drop');
  let answered = false;
  const asked = ask(CONTROLLER).then((answer) => {
    answered = true;
    return answer;
  });
  expect(await ask(OTHER)).toBe(OTHER);
  expect(answered).toBe(false);
  path.set('pass');
  expect(await asked).toBe(CONTROLLER);
});
