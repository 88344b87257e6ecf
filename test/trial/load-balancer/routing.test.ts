import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { startLoadBalancer } from '../../../trial/load-balancer/start';
import { SmallServer, closeAll, load, send, stand } from './stand';

afterEach(closeAll);

const ok: RequestListener = (_, answer) => void answer.end('ok');
const echo: RequestListener = (asked, answer) => {
  let body = '';
  asked.on('data', (data) => (body += data));
  asked.on('end', () =>
    answer.end(JSON.stringify({ method: asked.method, url: asked.url, headers: asked.headers, body })),
  );
};
const never: RequestListener = () => undefined;

test('requests are spread evenly: within a tenth over 2,000', async () => {
  const { balancer, servers, healthy } = await stand([ok, ok, ok]);
  await healthy();
  const answers = await load(balancer, 2_000, 20);
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  for (const { requests } of servers) expect(Math.abs(requests - 2_000 / 3)).toBeLessThan(200 / 3);
  // Twenty at a time need some twenty connections each, not one a request.
  for (const { sockets } of servers) expect(sockets.size).toBeLessThanOrEqual(25);
  expect(balancer.targets().reduce((sum, { requests }) => sum + requests, 0)).toBe(2_000);
  expect(balancer.traffic()).toEqual({ requests: 2_000, targets: 3 });
  const { total, statusClasses, latencyMillis, requestsPerSecond } = balancer.access();
  expect([total, statusClasses]).toEqual([2_000, { '2xx': 2_000 }]);
  expect(requestsPerSecond).toBeGreaterThan(0);
  expect(latencyMillis!.p99).toBeGreaterThanOrEqual(latencyMillis!.p50);
});

test('of outstanding requests the target with the fewest gets the next', async () => {
  const { balancer, servers, healthy } = await stand([never, ok], {}, ({ groups: [group] }) => {
    group!.algorithm = 'least_outstanding_requests';
  });
  await healthy();
  const waiting = send(balancer);
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (let count = 0; count < 10; count++) await send(balancer);
  expect(servers.map(({ requests }) => requests)).toEqual([1, 10]);
  servers[0]!.kill();
  await waiting;
});

test('a request and its answer go through whole, with what a load balancer adds', async () => {
  const { balancer, healthy } = await stand([echo]);
  await healthy();
  const body = 'x'.repeat(200_000);
  const headers = {
    'x-forwarded-for': '198.51.100.1',
    bad_name: '1',
    host: 'api.mysite.com',
    'content-type': 'text/plain',
  };
  const answer = await send(balancer, { method: 'PUT', path: '/a/b?c=%20d', headers, body });
  const got = JSON.parse(answer.body);
  expect(got).toMatchObject({ method: 'PUT', url: '/a/b?c=%20d', body });
  expect(got.headers).toMatchObject({
    host: 'api.mysite.com',
    'x-forwarded-for': '198.51.100.1, 127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-port': '80',
    'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
  });
  expect(got.headers).not.toHaveProperty('bad_name');
  expect(got.headers).not.toHaveProperty('x-forwarded-host');
});

describe('without a target', () => {
  test('none registered: 503, with the page of a load balancer', async () => {
    const { balancer, register } = await stand([ok]);
    await register();
    await balancer.deregistered('i-0');
    const { status, headers, body } = await send(balancer);
    expect([status, headers['server'], headers['content-type']]).toEqual([503, 'awselb/2.0', 'text/html']);
    expect(body).toContain('<center><h1>503 Service Temporarily Unavailable</h1></center>');
  });

  test('none that has passed its first health check: 503', async () => {
    const { balancer } = await stand([ok], { addressOf: () => undefined });
    expect((await send(balancer)).status).toBe(503);
  });

  test('only unhealthy ones: they get the requests all the same', async () => {
    const { balancer, servers, until } = await stand([ok, ok]);
    for (const server of servers) server.healthStatus = 500;
    await until(() => balancer.unhealthy().length === 2);
    expect((await load(balancer, 10, 2)).map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(servers.map(({ requests }) => requests)).toEqual([5, 5]);
  });

  test('none that can be reached: 502', async () => {
    const { balancer, servers, healthy } = await stand([ok, ok]);
    await healthy();
    for (const server of servers) server.kill();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await send(balancer)).status).toBe(502);
  });
});

test('an unhealthy target gets nothing, until it is healthy again', async () => {
  const { balancer, servers, healthy, until, events } = await stand([ok, ok]);
  await healthy();
  servers[0]!.healthStatus = 503;
  await until(() => balancer.unhealthy().includes('i-0'));
  await load(balancer, 20, 4);
  expect(servers.map(({ requests }) => requests)).toEqual([0, 20]);
  expect(balancer.targets()[0]).toMatchObject({ state: 'unhealthy', reason: 'status 503, wanted 200' });
  servers[0]!.healthStatus = 200;
  await until(() => balancer.traffic().targets === 2);
  await load(balancer, 20, 4);
  expect(servers[0]!.requests).toBe(10);
  expect(events).toEqual(
    expect.arrayContaining(['target i-0 is unhealthy: status 503, wanted 200', 'target i-0 is healthy']),
  );
});

test('a redirect, and an answer that is fixed', async () => {
  const { balancer, deploy } = await stand([ok]);
  await deploy((deployed) => {
    deployed.listener.action = {
      kind: 'redirect',
      protocol: 'HTTPS',
      host: '#{host}',
      port: '443',
      path: '/#{path}',
      query: '#{query}',
      status: 301,
    };
  });
  const { status, headers } = await send(balancer, {
    path: '/a?b=c',
    headers: { host: 'api.mysite.com:80' },
  });
  expect([status, headers['location']]).toEqual([301, 'https://api.mysite.com/a?b=c']);
  await deploy((deployed) => {
    deployed.listener.action = { kind: 'fixed', status: 410, contentType: 'text/plain', body: 'gone' };
  });
  expect(await send(balancer)).toMatchObject({ status: 410, body: 'gone' });
});

test('a WebSocket goes through, and counts as in flight', async () => {
  const { balancer, servers, healthy, until } = await stand([ok]);
  await healthy();
  servers[0]!.onUpgrade((socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\n');
    socket.pipe(socket);
  });
  const socket = connect(balancer.port, '127.0.0.1');
  let received = '';
  socket.on('data', (data) => (received += data));
  socket.write('GET /live HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\n');
  await until(() => received.includes('\r\n\r\n'));
  expect(received).toMatch(/^HTTP\/1.1 101 /);
  socket.write('hello');
  await until(() => received.endsWith('hello'));
  expect(balancer.targets()[0]!.inFlight).toBe(1);
  socket.destroy();
  await until(() => balancer.targets()[0]!.inFlight === 0);
});

test('without a load balancer the lone server gets it all', async () => {
  const server = new SmallServer('i-lone', ok);
  await server.listen();
  const { balancer, healthy } = await stand([], {
    read: async () => undefined,
    addressOf: () => '127.0.0.1',
    loneServer: () => ({ id: 'i-lone', port: server.port }),
  });
  await healthy();
  expect(await send(balancer)).toMatchObject({ status: 200, server: 'i-lone' });
  server.kill();
});

test('its name leads to this machine', async () => {
  const { balancer } = await stand([]);
  expect([...balancer.names()]).toEqual([
    ['site-1.us-east-1.elb.amazonaws.com', { address: '127.0.0.1', ttl: 60 }],
  ]);
  expect(balancer.deployed()).toEqual({ name: 'site', dnsName: 'Site-1.us-east-1.elb.amazonaws.com' });
});

test('a port in use is one sentence; an AWS that does not answer is told once', async () => {
  const { balancer } = await stand([]);
  const events: string[] = [];
  const options = {
    target: { endpoint: 'http://localhost:1', region: 'us-east-1', account: '123456789012' },
    addressOf: () => undefined,
    read: () => Promise.reject(new Error('away')),
    onEvent: (sentence: string) => void events.push(sentence),
  };
  await expect(startLoadBalancer({ ...options, port: balancer.port })).rejects.toThrow(
    `The site cannot be served on port ${balancer.port} (EADDRINUSE)`,
  );
  const other = await startLoadBalancer(options);
  await other.refresh();
  await other.close();
  expect(events).toEqual(['the load balancer cannot be read: away']);
});
