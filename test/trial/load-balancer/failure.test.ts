import type { RequestListener, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { closeAll, load, send, stand } from './stand';

afterEach(closeAll);

const ok: RequestListener = (_, answer) => void answer.end('ok');
const slow: RequestListener = (_, answer) => void setTimeout(() => answer.end('ok'), 5);
const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

test('a server killed under load: whoever sends loses at most the one request under way', async () => {
  const workers = 30;
  const { balancer, servers, healthy } = await stand([slow, slow, slow]);
  await healthy();
  const answers = await load(balancer, 1_500, workers, (_, index) => {
    if (index === 500) servers[0]!.kill();
  });
  const failed = answers.filter(({ status }) => status !== 200);
  expect(failed.length).toBeGreaterThan(0); // nothing is sent twice, so what was under way is lost
  expect(new Set(failed.map(({ worker }) => worker)).size).toBe(failed.length);
  expect(new Set(failed.map(({ status }) => status))).toEqual(new Set([502]));
});

test('a request that could not be sent goes to another target, its body whole', async () => {
  const bodies: string[] = [];
  const keep: RequestListener = (asked, answer) => {
    let body = '';
    asked.on('data', (data) => (body += data));
    asked.on('end', () => (bodies.push(body), answer.end()));
  };
  const { balancer, servers, healthy } = await stand([keep, keep]);
  await healthy();
  servers[0]!.kill();
  await pause(20);
  const body = 'x'.repeat(100_000);
  for (let count = 0; count < 4; count++) {
    expect((await send(balancer, { method: 'POST', body })).status).toBe(200);
  }
  expect(bodies).toEqual([body, body, body, body]);
});

test.each(['POST', 'GET'])('a %s that has been sent is never sent again', async (method) => {
  const reset: RequestListener = (asked) => void asked.socket.resetAndDestroy();
  const { balancer, servers, healthy } = await stand([reset, reset]);
  await healthy();
  const { status, body } = await send(balancer, { method });
  expect([status, servers[0]!.requests + servers[1]!.requests]).toEqual([502, 1]);
  expect(body).toContain('502 Bad Gateway');
});

test('an answer that breaks off breaks off for the client too', async () => {
  const half: RequestListener = (asked, answer) => {
    answer.writeHead(200, { 'content-length': '100' }).write('half');
    setTimeout(() => asked.socket.resetAndDestroy(), 20);
  };
  const { balancer, healthy } = await stand([half]);
  await healthy();
  expect((await send(balancer)).status).toBe(0);
});

test('a target that does not answer: 504 after the idle time-out', async () => {
  const { balancer, healthy } = await stand([() => undefined], {}, (deployed) => {
    deployed.idleSeconds = 0.1;
  });
  await healthy();
  const { status, body } = await send(balancer);
  expect(status).toBe(504);
  expect(body).toContain('504 Gateway Time-out');
});

test('a client that leaves ends its request at the server, and is counted as 460', async () => {
  let closed = false;
  const waiting: RequestListener = (_, answer) => void answer.on('close', () => (closed = true));
  const { balancer, servers, healthy, until } = await stand([waiting]);
  await healthy();
  const socket = connect(balancer.port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await until(() => servers[0]!.requests === 1);
  socket.destroy();
  await until(() => closed);
  await until(() => balancer.access().total === 1);
  expect(balancer.access().statusClasses).toEqual({ '4xx': 1 });
  expect(balancer.targets()[0]!.inFlight).toBe(0);
});

describe('a target that is deregistered', () => {
  const held: ServerResponse[] = [];
  const hold: RequestListener = (_, answer) => void held.push(answer);
  beforeEach(() => void held.splice(0));

  test('gets no new request, and finishes those it has', async () => {
    const { balancer, servers, register, healthy, until } = await stand([hold, ok]);
    await healthy();
    const waiting = send(balancer);
    await until(() => held.length === 1);
    await register('i-1');
    let drained = false;
    const end = balancer.deregistered('i-0').then(() => (drained = true));

    expect((await load(balancer, 20, 4)).map(({ server }) => server)).toEqual(Array(20).fill('i-1'));
    expect(servers[0]!.requests).toBe(1);
    expect(balancer.targets().find(({ id }) => id === 'i-0')).toMatchObject({
      state: 'draining',
      inFlight: 1,
    });
    expect(drained).toBe(false);

    held[0]!.end('late');
    expect(await waiting).toMatchObject({ status: 200, body: 'late' });
    await end;
    expect(balancer.targets().map(({ id }) => id)).toEqual(['i-1']);
  });

  test('is cut off after the delay', async () => {
    const { balancer, register, healthy, until } = await stand([hold], {}, ({ groups: [group] }) => {
      group!.deregistrationSeconds = 5; // a tenth of a second here
    });
    await healthy();
    const waiting = send(balancer);
    await until(() => held.length === 1);
    await register();
    await balancer.deregistered('i-0');
    expect((await waiting).status).toBe(502);
  });

  test('is gone at once when it has none', async () => {
    const { balancer, register, healthy } = await stand([ok, ok]);
    await healthy();
    await register('i-1');
    await balancer.deregistered('i-0');
    expect(balancer.targets().map(({ id }) => id)).toEqual(['i-1']);
  });

  test('is new when it is registered again', async () => {
    const { balancer, register, healthy } = await stand([ok, ok]);
    await healthy();
    await load(balancer, 4, 1);
    await register('i-1');
    await balancer.deregistered('i-0');
    await register('i-0', 'i-1');
    await healthy();
    expect(balancer.targets().map(({ id, requests }) => [id, requests])).toEqual([
      ['i-1', 2],
      ['i-0', 0],
    ]);
  });
});

test('while it closes, what is in flight is cut, and nothing hangs', async () => {
  const { balancer, healthy, until, servers } = await stand([() => undefined]);
  await healthy();
  const waiting = send(balancer);
  await until(() => servers[0]!.requests === 1);
  await balancer.close();
  expect((await waiting).status).not.toBe(200);
});
