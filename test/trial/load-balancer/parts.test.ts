import { errorPage, locationOf } from '../../../trial/load-balancer/answers';
import { chosen } from '../../../trial/load-balancer/deployed';
import { forwardedHeaders, invalidNames, traceId } from '../../../trial/load-balancer/headers';
import { type Health, INITIAL, afterCheck, passes } from '../../../trial/load-balancer/health';
import { Statistics } from '../../../trial/load-balancer/statistics';

describe('health', () => {
  const thresholds = { healthyThreshold: 3, unhealthyThreshold: 2 };
  /** `+` passes, `-` fails. */
  const states = (checks: string, from: Health = INITIAL) => {
    let health = from;
    return [...checks]
      .map((one) => (health = afterCheck(health, one === '+' ? undefined : 'bad', thresholds)).state[0])
      .join('');
  };
  test.each([
    ['the first pass is enough', '+', 'h'],
    ['a new one that fails is unhealthy at the threshold', '--', 'iu'],
    ['a new one may fail once', '-+', 'ih'],
    ['one failure is none', '+-+-+', 'hhhhh'],
    ['two in a row are', '+--', 'hhu'],
    ['coming back takes as many passes as the threshold says', '--++-+++', 'iuuuuuuh'],
  ])('%s', (_, checks, expected) => expect(states(checks)).toBe(expected));

  test('one that drains is never anything else', () => {
    expect(states('+++', { state: 'draining', against: 0 })).toBe('ddd');
  });
  test('the reason is the last bad answer’s', () => {
    expect(afterCheck(INITIAL, 'ECONNREFUSED', thresholds).reason).toBe('ECONNREFUSED');
    expect(afterCheck(INITIAL, undefined, thresholds)).not.toHaveProperty('reason');
  });
  test.each([
    [200, '200', true],
    [204, '200', false],
    [204, '200,204', true],
    [299, '200-299', true],
    [300, '200-299,302', false],
  ])('status %i and codes %s', (status, codes, expected) => expect(passes(status, codes)).toBe(expected));
});

describe('headers', () => {
  test('a first client is the list; IPv4 in IPv6 is IPv4', () => {
    const hop = { remoteAddress: '::ffff:127.0.0.1', protocol: 'https', port: 443 } as const;
    expect(forwardedHeaders({}, hop)).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
    });
  });
  test.each([
    [undefined, /^Root=1-65000000-[0-9a-f]{24}$/],
    [
      'Root=1-67891233-abcdef012345678912345678',
      /^Self=1-65000000-[0-9a-f]{24};Root=1-67891233-abcdef012345678912345678$/,
    ],
    ['CalledFrom=app', /^Root=1-65000000-[0-9a-f]{24};CalledFrom=app$/],
  ])('the trace of %s', (given, expected) => expect(traceId(given, 0x65000000 * 1000)).toMatch(expected));
  test('names that are not valid', () => {
    expect(invalidNames({ 'x-ok': '1', bad_one: '1', 'b@d': '1' })).toEqual(['bad_one', 'b@d']);
  });
});

test('the listener that forwards is the one that serves', () => {
  const redirect = {
    Port: 80,
    Protocol: 'HTTP' as const,
    DefaultActions: [
      {
        Type: 'redirect' as const,
        RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' as const },
      },
    ],
  };
  const forward = {
    Port: 443,
    Protocol: 'HTTPS' as const,
    DefaultActions: [{ Type: 'forward' as const, TargetGroupArn: 'arn' }],
  };
  expect(chosen([redirect, forward])).toEqual({
    port: 443,
    protocol: 'https',
    action: { kind: 'forward', groups: [{ arn: 'arn', weight: 1 }] },
  });
  expect(chosen([redirect])?.action).toMatchObject({
    kind: 'redirect',
    host: '#{host}',
    path: '/#{path}',
    status: 301,
  });
  expect(chosen([])).toBeUndefined();
});

test('a redirect keeps what it does not change, and leaves out a usual port', () => {
  const asked = { protocol: 'http', host: 'a.com', port: 80, url: '/x/y?q=1' };
  const action = {
    kind: 'redirect',
    protocol: '#{protocol}',
    host: 'new.#{host}',
    port: '8080',
    path: '/v2/#{path}',
    query: '#{query}&r=2',
    status: 302,
  } as const;
  expect(locationOf(action, asked)).toBe('http://new.a.com:8080/v2/x/y?q=1&r=2');
  expect(locationOf({ ...action, port: '#{port}', query: '' }, asked)).toBe('http://new.a.com/v2/x/y');
});

test('an error page names its status', () =>
  expect(errorPage(504)).toContain('<title>504 Gateway Time-out</title>'));

test('statistics forget what is older than a minute, but not the total', () => {
  const statistics = new Statistics();
  for (let second = 0; second < 100; second++) {
    statistics.add({ at: second * 1_000, status: second < 95 ? 200 : 502, millis: second });
  }
  expect(statistics.access(100_000)).toEqual({
    requestsPerSecond: 0.9, // those of seconds 91 to 99: the one of second 90 is ten seconds old
    statusClasses: { '2xx': 54, '5xx': 5 },
    latencyMillis: { p50: 70, p95: 97, p99: 99 },
    total: 100,
  });
  expect(new Statistics().access(0)).toEqual({ requestsPerSecond: 0, statusClasses: {}, total: 0 });
});
