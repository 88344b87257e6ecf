import type { Answer } from 'dns-packet';
import { type Knowledge, answer } from '../../../trial/dns/answer';
import { seededRandom, weighted } from '../../../trial/dns/weighted';
import { type Zone, type ZoneRecord, recordOf } from '../../../trial/dns/zone';

const record = (
  name: string,
  type: string,
  values: string[],
  rest: Partial<ZoneRecord> = {},
): ZoneRecord => ({
  name,
  type,
  ttl: 60,
  values,
  ...rest,
});

const SOA = 'ns-1.awsdns-1.org. hostmaster.awsdns.com. 1 7200 900 1209600 86400';

const zone = (name: string, records: ZoneRecord[], isPrivate = false): Zone => ({
  name,
  isPrivate,
  records: [record(name, 'SOA', [SOA], { ttl: 900 }), ...records],
});

const RDS = 'mysite-primary.abc.us-east-1.rds.amazonaws.com';
const BALANCER = 'site-1.us-east-1.elb.amazonaws.com';

const knowledge: Knowledge = {
  zones: [
    zone('mysite.com', [
      record('api.mysite.com', 'A', [], { ttl: 0, alias: `dualstack.${BALANCER}` }),
      record('www.mysite.com', 'A', [], { ttl: 0, alias: 'api.mysite.com' }),
      record('old.mysite.com', 'CNAME', ['api.mysite.com.']),
      record('lone.mysite.com', 'A', ['203.0.113.7']),
      record('*.shops.mysite.com', 'A', ['192.0.2.1']),
      record('deep.in.shops.mysite.com', 'TXT', ['"a \\"quoted\\"" "b"']),
      record('mysite.com', 'MX', ['10 mail.mysite.com.']),
      record('loop.mysite.com', 'CNAME', ['loop.mysite.com']),
      record('away.mysite.com', 'CNAME', ['elsewhere.example.org']),
      record('self.mysite.com', 'A', [], { ttl: 0, alias: 'self2.mysite.com' }),
    ]),
    zone('mysite.internal', [record('writer.mysite.internal', 'CNAME', [RDS], { ttl: 5 })], true),
    zone('split.com', [record('a.split.com', 'A', ['192.0.2.2']), record('b.split.com', 'A', ['192.0.2.3'])]),
    zone('split.com', [record('a.split.com', 'A', ['10.0.0.2'])], true),
  ],
  names: new Map([
    [RDS, { address: '127.80.0.1' }],
    [BALANCER, { address: '127.0.0.1', ttl: 60 }],
  ]),
  addressOf: (address) => (address === '203.0.113.7' ? '127.77.0.5' : undefined),
};

const random = seededRandom(7);
const ask = (name: string, type = 'A') => answer(name, type, knowledge, random);
const data = (answers: readonly Answer[]) =>
  answers.map(
    (one) =>
      `${one.name} ${one.type} ${(one as { ttl: number }).ttl} ${String((one as { data: unknown }).data)}`,
  );

test.each([
  [
    'an alias has the target’s address and TTL under its own name',
    'api.mysite.com',
    [`api.mysite.com A 60 127.0.0.1`],
  ],
  ['an alias of an alias', 'www.mysite.com', ['www.mysite.com A 60 127.0.0.1']],
  ['case and final dot mean nothing', 'API.MySite.com.', ['api.mysite.com A 60 127.0.0.1']],
  [
    'a CNAME is shown with where it leads',
    'old.mysite.com',
    ['old.mysite.com CNAME 60 api.mysite.com', 'api.mysite.com A 60 127.0.0.1'],
  ],
  [
    'a private zone leads to an RDS endpoint',
    'writer.mysite.internal',
    [`writer.mysite.internal CNAME 5 ${RDS}`, `${RDS} A 5 127.80.0.1`],
  ],
  ['a server’s public address is its address here', 'lone.mysite.com', ['lone.mysite.com A 60 127.77.0.5']],
  ['a wildcard', 'any.shops.mysite.com', ['any.shops.mysite.com A 60 192.0.2.1']],
  ['a private zone comes before a public one', 'a.split.com', ['a.split.com A 60 10.0.0.2']],
])('%s', (_, name, expected) => {
  const { code, answers } = ask(name);
  expect([code, data(answers)]).toEqual(['NOERROR', expected]);
});

test('a question for the CNAME itself goes no further', () => {
  expect(data(ask('writer.mysite.internal', 'CNAME').answers)).toEqual([
    `writer.mysite.internal CNAME 5 ${RDS}`,
  ]);
});

test.each([
  ['a name that nobody has', 'nobody.mysite.com', 'A', 'NXDOMAIN'],
  ['a name that only the public zone of two has', 'b.split.com', 'A', 'NXDOMAIN'],
  ['a type that the name does not have', 'lone.mysite.com', 'AAAA', 'NOERROR'],
  ['a name that only has names below it', 'in.shops.mysite.com', 'A', 'NOERROR'],
  ['a name below one that hides the wildcard', 'x.in.shops.mysite.com', 'A', 'NXDOMAIN'],
])('%s: no answer, and the zone’s SOA', (_, name, type, code) => {
  const reply = ask(name, type);
  expect([reply.code, reply.answers, reply.authorities.map((one) => one.type)]).toEqual([code, [], ['SOA']]);
});

test('an RDS endpoint that is gone does not exist, and is looked for nowhere else', () => {
  expect(ask('gone.abc.us-east-1.rds.amazonaws.com')).toEqual({
    code: 'NXDOMAIN',
    answers: [],
    authorities: [],
  });
});

test('other people’s names are outside, at the end of a chain too', () => {
  expect(ask('example.org')).toMatchObject({ answers: [], outside: 'example.org' });
  const { answers, outside } = ask('away.mysite.com');
  expect([data(answers), outside]).toEqual([
    ['away.mysite.com CNAME 60 elsewhere.example.org'],
    'elsewhere.example.org',
  ]);
});

test('a loop is a failure, and ends', () => {
  expect(ask('loop.mysite.com').code).toBe('SERVFAIL');
  const records = [
    record('x.loop', 'A', [], { alias: 'y.loop' }),
    record('y.loop', 'A', [], { alias: 'x.loop' }),
  ];
  expect(answer('x.loop', 'A', { zones: [zone('loop', records)], names: new Map() }, random).code).toBe(
    'SERVFAIL',
  );
});

test('texts and mail servers come as their types want them', () => {
  expect(ask('deep.in.shops.mysite.com', 'TXT').answers).toMatchObject([{ data: ['a "quoted"', 'b'] }]);
  expect(ask('mysite.com', 'MX').answers).toMatchObject([
    { data: { preference: 10, exchange: 'mail.mysite.com' } },
  ]);
});

describe('weighted records', () => {
  const group = (...weights: number[]): Knowledge => ({
    zones: [
      zone(
        'w',
        weights.map((weight, index) => record('r.w', 'CNAME', [`t${index}.example.org`], { weight, ttl: 5 })),
      ),
    ],
    names: new Map(),
  });
  const counts = (known: Knowledge, draws = 3_000) => {
    const count: Record<string, number> = {};
    for (let draw = 0; draw < draws; draw++) {
      const { answers } = answer('r.w', 'A', known, random);
      expect(answers).toHaveLength(1);
      const target = String((answers[0] as { data: unknown }).data).slice(0, 2);
      count[target] = (count[target] ?? 0) + 1;
    }
    return count;
  };

  test('are drawn as their weights say, and 0 never', () => {
    const { t0, t1, t2, ...rest } = counts(group(1, 2, 0));
    expect(rest).toEqual({});
    expect(t2).toBeUndefined();
    expect(t0! / 3_000).toBeCloseTo(1 / 3, 1);
    expect(t1! / 3_000).toBeCloseTo(2 / 3, 1);
  });

  test('are all alike when all weights are 0', () => {
    for (const count of Object.values(counts(group(0, 0, 0)))) expect(count / 3_000).toBeCloseTo(1 / 3, 1);
  });

  test('are drawn alike by alike seeds', () => {
    const draws = (seed: number) => {
      const next = seededRandom(seed);
      return Array.from({ length: 20 }, () => weighted([{ weight: 1 }, { weight: 3 }], next));
    };
    expect(draws(3)).toEqual(draws(3));
    expect(draws(3)).not.toEqual(draws(4));
  });
});

test('a record set of Route 53 is taken over, its escapes read', () => {
  expect(
    recordOf({
      Name: '\\052.MySite.com.',
      Type: 'CNAME',
      SetIdentifier: 'a',
      Weight: 0,
      TTL: 5,
      ResourceRecords: [{ Value: 'X.y.' }],
    }),
  ).toEqual({ name: '*.mysite.com', type: 'CNAME', ttl: 5, values: ['X.y.'], weight: 0 });
});
