/** DNS, load balancer and servers together, with the site as it is bundled and a real PostgreSQL. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleSite } from '../../../app/bundle';
import type { NamedAddress } from '../../../trial/dns/answer';
import { type Dns, startDns } from '../../../trial/dns/start';
import type { Zone } from '../../../trial/dns/zone';
import type { Deployed } from '../../../trial/load-balancer/deployed';
import { type LoadBalancer, startLoadBalancer } from '../../../trial/load-balancer/start';
import { type Servers, startServers } from '../../../trial/servers/start';
import { makeCertificate } from '../../support/certificate';
import { type TestPostgres, startPostgres } from '../../support/postgres';
import { load, send } from '../load-balancer/stand';
import { assetsWith, FakeFleet } from './fake-fleet';
import { zipOf } from './zip';

const TARGET = { endpoint: 'http://localhost:1', region: 'us-east-1', account: '123456789012' };
const RDS = 'mysite-primary.abc.us-east-1.rds.amazonaws.com';
const NETWORK = 201 + (process.pid % 20) * 2;

let folder: string;
let postgres: TestPostgres;
let fleet: FakeFleet;
let dns: Dns;
let servers: Servers;
let balancer: LoadBalancer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'whole-'));
  bundleSite(folder);
  const site = readFileSync(join(folder, 'site.js'));
  // Only who has followed the CNAME to its end finds the name that the certificate bears.
  const certificate = await makeCertificate(RDS);
  writeFileSync(join(folder, 'ca.pem'), certificate.certificate);
  postgres = await startPostgres({ tls: certificate });
  const cname = (name: string) => ({ name, type: 'CNAME', ttl: 5, values: [RDS] });
  const zone: Zone = {
    name: 'mysite.internal',
    isPrivate: true,
    records: [cname('writer.mysite.internal'), cname('reader.mysite.internal')],
  };
  dns = await startDns({
    zones: async () => [zone],
    names: () => new Map<string, NamedAddress>([[RDS, { address: postgres.host }], ...balancer.names()]),
  });
  fleet = new FakeFleet(
    {
      environment: {
        DATABASE_WRITER_HOST: 'writer.mysite.internal',
        DATABASE_READER_HOST: 'reader.mysite.internal',
        DATABASE_PORT: String(postgres.port),
        DATABASE_NAME: postgres.database,
        DATABASE_USER: postgres.user,
        LOG_LEVEL: 'warn',
      },
      trustStore: true,
    },
    3,
  );
  balancer = await startLoadBalancer({
    target: TARGET,
    addressOf: (id) => servers?.addressOf(id),
    read: async () => deployed(),
    pollMillis: 50,
    timeScale: 0.02,
  });
  servers = await startServers({
    target: TARGET,
    folder,
    dns: dns.server,
    caFile: join(folder, 'ca.pem'),
    network: NETWORK,
    pollMillis: 50,
    api: fleet,
    fetch: assetsWith(zipOf([{ name: 'site.js', content: site }])),
    deregistered: (id) => balancer.deregistered(id),
    traffic: () => balancer.traffic(),
  });
}, 60_000);

afterAll(async () => {
  await servers?.close();
  await balancer?.close();
  await dns?.close();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const deployed = (): Deployed => ({
  name: 'site',
  dnsName: 'site-1.us-east-1.elb.amazonaws.com',
  idleSeconds: 60,
  dropInvalidHeaders: true,
  listener: { port: 80, protocol: 'http', action: { kind: 'forward', groups: [{ arn: 'arn', weight: 1 }] } },
  groups: [
    {
      arn: 'arn',
      name: 'web',
      healthCheck: {
        path: '/healthz',
        intervalSeconds: 10,
        timeoutSeconds: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
        codes: '200',
      },
      deregistrationSeconds: 5,
      algorithm: 'round_robin',
      targets: fleet.instances.map(({ id }) => ({ id, port: 8080 })),
    },
  ],
});

const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
};
const allHealthy = () => until(() => balancer.traffic().targets === 3);

test('a request goes by name to a server, and its answer says which', async () => {
  await allHealthy();
  const seen = new Set<string>();
  for (let count = 0; count < 6; count++) {
    const { status, body } = await send(balancer, { path: '/whoami' });
    const { server, writer } = JSON.parse(body);
    expect([status, writer.host]).toEqual([200, RDS]);
    seen.add(server.id);
  }
  expect([...seen].sort()).toEqual(fleet.instances.map(({ id }) => id).sort());
  const rows = await postgres.query(`select distinct host(client_addr) as address from pg_stat_activity
    where application_name like 'site %' order by 1`);
  expect(rows.map(({ address }) => address)).toEqual(
    servers
      .servers()
      .map(({ address }) => address)
      .sort(),
  );
}, 30_000);

test('a server killed under load: whoever asks loses hardly more than the request under way, and the group is whole again', async () => {
  await allHealthy();
  const [victim] = fleet.instances;
  const answers = await load(balancer, 1_000, 20, (_, index) => {
    if (index === 300) servers.signal(victim!.id, 'SIGKILL');
  });
  const failed = answers.filter(({ status }) => status !== 200);
  // A process that is killed closes one socket after the other: who is reset may meet its door still open once more.
  const each = failed.map(({ worker }) => failed.filter((other) => other.worker === worker).length);
  expect(Math.max(0, ...each)).toBeLessThanOrEqual(2);
  await until(() => fleet.replaced.includes(victim!.id));
  await allHealthy();
  expect(balancer.targets().map(({ id }) => id)).not.toContain(victim!.id);
}, 30_000);

test('a server that leaves takes no request with it', async () => {
  await allHealthy();
  const answers = await load(balancer, 1_000, 20, (_, index) => {
    if (index === 300) fleet.resize(2);
  });
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  await until(() => servers.servers().length === 2);
}, 30_000);
