import type { Expected } from '../../trial/walk/check';
import type { Database, Facts, SecurityGroup } from '../../trial/walk/facts';

/** The same with every property writable, so that a test can plant what is wrong. */
export type Writable<T> = T extends object ? { -readonly [Key in keyof T]: Writable<T[Key]> } : T;

export const BALANCER = 'site-lb.us-east-1.elb.amazonaws.com';
export const EXPECTED: Expected = { replicas: ['mysite-replica-1', 'mysite-replica-2'] };

const secretArn = (role: string) => `arn:aws:secretsmanager:us-east-1:123456789012:secret:${role}`;
const endpointOf = (id: string) => `${id}.abc.us-east-1.rds.amazonaws.com`;

const DATABASE_VARIABLES = `
ENVIRONMENT=('PORT=8080' 'DATABASE_WRITER_HOST=writer.mysite.internal' 'DATABASE_READER_HOST=reader.mysite.internal'
'DATABASE_WRITER_SECRET_ARN=${secretArn('writer')}' 'DATABASE_READER_SECRET_ARN=${secretArn('reader')}')`;

const admitting = (id: string, ...admits: [from: string, ports: string][]): SecurityGroup => ({
  id,
  admits: admits.map(([from, ports]) => ({ from, ports })),
});

const database = (id: string, source?: string): Database => ({
  id,
  status: 'available',
  endpoint: endpointOf(id),
  encrypted: true,
  isPublic: false,
  subnets: ['subnet-data-a', 'subnet-data-b'],
  securityGroups: ['sg-database'],
  ...(source && { source }),
});

const reader = (id: string, weight: number) => ({
  name: 'reader.mysite.internal',
  type: 'CNAME',
  values: [endpointOf(id)],
  setIdentifier: id,
  weight,
});

/** What the walk finds at the stage `replicated`, all of it right. */
export const replicated = (): Writable<Facts> =>
  structuredClone({
    site: { url: 'https://api.mysite.com', stage: 'replicated' },
    zones: [
      {
        id: 'Z1',
        name: 'mysite.com',
        isPrivate: false,
        records: [{ name: 'api.mysite.com', type: 'A', values: [], alias: `dualstack.${BALANCER}` }],
      },
      {
        id: 'Z2',
        name: 'mysite.internal',
        isPrivate: true,
        records: [
          { name: 'writer.mysite.internal', type: 'CNAME', values: [endpointOf('mysite-primary')] },
          reader('mysite-primary', 0),
          reader('mysite-replica-1', 100),
          reader('mysite-replica-2', 100),
        ],
      },
    ],
    loadBalancers: [
      {
        name: 'site-lb',
        dnsName: BALANCER,
        scheme: 'internet-facing',
        subnets: ['subnet-public-a', 'subnet-public-b'],
        securityGroups: ['sg-balancer'],
        listeners: [
          { port: 443, protocol: 'HTTPS', certificates: ['arn:certificate'], forwardsTo: ['arn:targets'] },
          { port: 80, protocol: 'HTTP', certificates: [], forwardsTo: [], redirectsTo: 'HTTPS:443' },
        ],
      },
    ],
    targetGroups: [
      {
        arn: 'arn:targets',
        name: 'targets',
        port: 8080,
        healthPath: '/healthz',
        targets: [
          { id: 'i-1', health: 'healthy' },
          { id: 'i-2', health: 'healthy' },
        ],
      },
    ],
    fleets: [{ name: 'fleet', servers: ['i-1', 'i-2'], userData: DATABASE_VARIABLES }],
    servers: [
      { id: 'i-1', state: 'running', subnet: 'subnet-web-a', securityGroups: ['sg-web'] },
      { id: 'i-2', state: 'running', subnet: 'subnet-web-b', securityGroups: ['sg-web'] },
    ],
    subnets: ['a', 'b'].flatMap((zone) => [
      { id: `subnet-public-${zone}`, zone, leadsTo: 'internet gateway' },
      { id: `subnet-web-${zone}`, zone, leadsTo: 'NAT gateway' },
      { id: `subnet-data-${zone}`, zone, leadsTo: 'nowhere' },
    ]),
    securityGroups: [
      admitting('sg-balancer', ['0.0.0.0/0', '80'], ['0.0.0.0/0', '443']),
      admitting('sg-web', ['sg-balancer', '8080']),
      admitting('sg-database', ['sg-web', '5432']),
    ],
    addresses: [],
    volumes: [],
    secrets: ['writer', 'reader'].map((role) => ({
      arn: secretArn(role),
      username: `app_${role}`,
      host: endpointOf('mysite-primary'),
    })),
    databases: [
      database('mysite-primary'),
      database('mysite-replica-1', 'mysite-primary'),
      database('mysite-replica-2', 'mysite-primary'),
    ],
  } satisfies Facts as Facts) as Writable<Facts>;

/** What the walk finds at the stage `split-database`; without its databases it is `single-server`. */
export const loneServer = (stage: 'single-server' | 'split-database'): Writable<Facts> => {
  const facts = replicated();
  const database = stage === 'split-database';
  facts.site = { url: 'http://api.mysite.com', stage };
  facts.zones[0]!.records = [{ name: 'api.mysite.com', type: 'A', values: ['198.51.100.7'] }];
  facts.zones[1]!.records.splice(1, 3, { ...reader('mysite-primary', 0) });
  facts.loadBalancers = [];
  facts.targetGroups = [];
  facts.servers = [
    {
      id: 'i-1',
      state: 'running',
      subnet: 'subnet-public-a',
      securityGroups: ['sg-web'],
      publicAddress: '203.0.113.9',
    },
  ];
  const claims = "ALLOCATION_ID='eipalloc-1'\nVOLUME_ID='vol-0a1'\n";
  facts.fleets = [
    { name: 'fleet', servers: ['i-1'], userData: claims + (database ? DATABASE_VARIABLES : '') },
  ];
  facts.securityGroups[1]!.admits = [{ from: '0.0.0.0/0', ports: '80' }];
  facts.addresses = [{ allocationId: 'eipalloc-1', ip: '198.51.100.7' }];
  facts.volumes = [{ id: 'vol-0a1', encrypted: true, sizeGiB: 20 }];
  facts.databases.splice(database ? 1 : 0);
  return facts;
};
