import { check } from '../../trial/walk/check';
import type { Facts } from '../../trial/walk/facts';
import { complaints, printed } from '../../trial/walk/print';
import { BALANCER, EXPECTED, type Writable, loneServer, replicated } from './facts';

const NONE = { replicas: [] };
const namesOf = (facts: Facts, expected = EXPECTED) => check(facts, expected).map(({ name }) => name);

describe('a chain that is right', () => {
  test('replicated: from the name to the replicas', () => {
    expect(complaints(check(replicated(), EXPECTED))).toEqual([]);
    expect(namesOf(replicated())).toEqual([
      'name',
      'alias',
      'load balancer',
      'listener',
      'target group',
      'web servers',
      'secrets',
      'writer name',
      'primary',
      'reader name',
      'replicas',
    ]);
  });

  test('load-balanced: the reader name leads to the primary', () => {
    const facts = replicated();
    facts.site.stage = 'load-balanced';
    facts.databases.splice(1);
    facts.zones[1]!.records.splice(2);
    const links = check(facts, NONE);
    expect(complaints(links)).toEqual([]);
    expect(links.at(-1)!.evidence).toContain('it leads to the primary, as there is no replica');
  });

  test('split-database: from the fixed address to the primary', () => {
    expect(complaints(check(loneServer('split-database'), NONE))).toEqual([]);
    expect(namesOf(loneServer('split-database'), NONE)).toEqual([
      'name',
      'address record',
      'fixed address',
      'server',
      'data volume',
      'secrets',
      'writer name',
      'primary',
      'reader name',
    ]);
  });

  test('single-server: it ends at the volume', () => {
    expect(complaints(check(loneServer('single-server'), NONE))).toEqual([]);
    expect(namesOf(loneServer('single-server'), NONE).at(-1)).toBe('data volume');
  });

  test('without a domain it begins at the load balancer', () => {
    const facts = replicated();
    facts.zones.shift();
    facts.site.url = `http://${BALANCER}`;
    facts.loadBalancers[0]!.listeners = [
      { port: 80, protocol: 'HTTP', certificates: [], forwardsTo: ['arn:targets'] },
    ];
    expect(complaints(check(facts, EXPECTED))).toEqual([]);
  });
});

type Plant = (facts: Writable<Facts>) => unknown;
type Row = readonly [link: string, what: string, plant: Plant];

const publicRecord = (facts: Writable<Facts>) => facts.zones[0]!.records[0]!;
const records = (facts: Writable<Facts>) => facts.zones[1]!.records;
const balancer = (facts: Writable<Facts>) => facts.loadBalancers[0]!;
const admissions = (facts: Writable<Facts>, group: number) => facts.securityGroups[group]!.admits;
const ANYWHERE = '0.0.0.0/0';

const WRONG_IN_REPLICATED: readonly Row[] = [
  ['stage', 'an unknown stage', (f) => (f.site.stage = 'replicate')],
  ['name', 'no record', (f) => f.zones[0]!.records.pop()],
  ['name', 'no public zone', (f) => (f.zones[0]!.isPrivate = true)],
  [
    'alias',
    'an address instead of an alias',
    (f) => Object.assign(publicRecord(f), { alias: undefined, values: ['192.0.2.1'] }),
  ],
  ['load balancer', 'an alias to something else', (f) => (publicRecord(f).alias = 'other.elb.amazonaws.com')],
  ['load balancer', 'an internal one', (f) => (balancer(f).scheme = 'internal')],
  ['load balancer', 'private subnets', (f) => (balancer(f).subnets = ['subnet-web-a'])],
  ['load balancer', 'SSH for everybody', (f) => admissions(f, 0).push({ from: ANYWHERE, ports: '22' })],
  ['load balancer', 'nobody admitted', (f) => admissions(f, 0).splice(0)],
  ['listener', 'the wrong port', (f) => (balancer(f).listeners[0]!.port = 444)],
  ['listener', 'no target group', (f) => (balancer(f).listeners[0]!.forwardsTo = [])],
  ['listener', 'no certificate', (f) => (balancer(f).listeners[0]!.certificates = [])],
  ['listener', 'no redirection', (f) => delete balancer(f).listeners[1]!.redirectsTo],
  ['target group', 'another one', (f) => (f.targetGroups[0]!.arn = 'arn:other')],
  ['target group', 'no targets', (f) => f.targetGroups[0]!.targets.splice(0)],
  ['web servers', 'an unhealthy one', (f) => (f.targetGroups[0]!.targets[1]!.health = 'unhealthy')],
  ['web servers', 'of no group', (f) => f.fleets[0]!.servers.pop()],
  ['web servers', 'a public subnet', (f) => (f.servers[0]!.subnet = 'subnet-public-a')],
  ['web servers', 'a public address', (f) => (f.servers[0]!.publicAddress = '192.0.2.1')],
  ['web servers', 'one zone', (f) => (f.servers[0]!.subnet = 'subnet-web-b')],
  ['web servers', 'the world admitted', (f) => admissions(f, 1).push({ from: ANYWHERE, ports: '8080' })],
  ['secrets', 'one that does not exist', (f) => f.secrets.shift()],
  ['secrets', "the master's", (f) => (f.secrets[0]!.username = 'postgres')],
  ['secrets', 'attached to a replica', (f) => (f.secrets[1]!.host = f.databases[1]!.endpoint)],
  ['writer name', 'none in user data', (f) => (f.fleets[0]!.userData = '')],
  ['writer name', 'no record', (f) => records(f).shift()],
  ['writer name', 'two records', (f) => records(f).push(records(f)[0]!)],
  ['writer name', 'no database of ours', (f) => (records(f)[0]!.values = ['elsewhere.example'])],
  ['primary', 'a replica', (f) => (records(f)[0]!.values = [f.databases[1]!.endpoint])],
  ['primary', 'stopped', (f) => (f.databases[0]!.status = 'stopped')],
  ['primary', 'not encrypted', (f) => (f.databases[0]!.encrypted = false)],
  ['primary', 'public', (f) => (f.databases[0]!.isPublic = true)],
  ['primary', 'open subnets', (f) => (f.databases[0]!.subnets = ['subnet-public-a'])],
  [
    'primary',
    'an address range admitted',
    (f) => admissions(f, 2).push({ from: '10.0.0.0/16', ports: '5432' }),
  ],
  ['primary', 'the web servers not admitted', (f) => (admissions(f, 2)[0]!.from = 'sg-other')],
  ['primary', 'every port', (f) => (admissions(f, 2)[0]!.ports = 'all')],
  ['reader name', 'a replica left out', (f) => records(f).pop()],
  ['reader name', 'an old endpoint', (f) => (records(f)[3]!.values = ['elsewhere.example'])],
  ['reader name', 'uneven weights', (f) => (records(f)[3]!.weight = 50)],
  ['replicas', 'one missing', (f) => f.databases.pop()],
  ['replicas', 'of another primary', (f) => (f.databases[2]!.source = 'mysite-replica-1')],
  ['replicas', 'another security group', (f) => (f.databases[2]!.securityGroups = ['sg-web'])],
  ['replicas', 'not encrypted', (f) => (f.databases[1]!.encrypted = false)],
];

const WRONG_IN_SPLIT: readonly Row[] = [
  ['address record', 'an alias', (f) => Object.assign(publicRecord(f), { values: [], alias: BALANCER })],
  ['address record', 'two addresses', (f) => publicRecord(f).values.push('192.0.2.1')],
  ['fixed address', 'not ours', (f) => (f.addresses[0]!.ip = '192.0.2.1')],
  ['fixed address', 'not claimed', (f) => (f.addresses[0]!.allocationId = 'eipalloc-2')],
  ['server', 'terminated', (f) => (f.servers[0]!.state = 'terminated')],
  ['server', 'a private subnet', (f) => (f.servers[0]!.subnet = 'subnet-web-a')],
  ['server', 'SSH for everybody', (f) => admissions(f, 1).push({ from: ANYWHERE, ports: '22' })],
  ['data volume', 'another one', (f) => (f.volumes[0]!.id = 'vol-0b2')],
  ['data volume', 'not encrypted', (f) => (f.volumes[0]!.encrypted = false)],
  ['reader name', 'nowhere', (f) => records(f).pop()],
];

describe('a planted wrong link is named', () => {
  test.each(WRONG_IN_REPLICATED)('replicated: %s: %s', (link, _what, plant) => {
    const facts = replicated();
    plant(facts);
    expect(complaints(check(facts, EXPECTED)).join('\n')).toContain(`Wrong link "${link}": expected `);
  });

  test.each(WRONG_IN_SPLIT)('split-database: %s: %s', (link, _what, plant) => {
    const facts = loneServer('split-database');
    plant(facts);
    expect(complaints(check(facts, NONE)).join('\n')).toContain(`Wrong link "${link}": expected `);
  });

  test('with what was expected and what was found', () => {
    const facts = replicated();
    facts.targetGroups[0]!.targets[1]!.health = 'draining';
    expect(complaints(check(facts, EXPECTED))).toEqual([
      'Wrong link "web servers": expected every target healthy; found i-2 is draining.',
    ]);
  });
});

describe('the table', () => {
  const wrong = replicated();
  wrong.databases[2]!.encrypted = false;

  test.each([
    ['right', replicated()],
    ['wrong', wrong],
  ])('%s: fits into 100 columns', (_what, facts) => {
    const table = printed(check(facts, EXPECTED), false);
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(table).toMatchSnapshot();
  });

  test('has colours only when they are wanted', () => {
    expect(printed(check(wrong, EXPECTED), false)).not.toContain('\x1b[');
    expect(printed(check(wrong, EXPECTED), true)).toContain('\x1b[31m✗\x1b[0m');
  });
});
