import type { DBInstance } from '@aws-sdk/client-rds';
import type { ControllerFacts, DatabaseFacts, NameFacts, ServerFacts, TrialFacts } from '../control/contract';
import type { Zone } from '../dns/zone';
import { zonesOf } from '../dns/zone';
import { ControllerFinder, type SeenController } from './controller';
import { holding } from './faults';
import type { World } from './world';

/** Requests of each server at the last look, for its rate. */
interface Counted {
  readonly at: number;
  readonly requests: ReadonlyMap<string, number>;
}

/** How long a database may take to say how it is. */
const PATIENCE_MILLIS = 1_000;

/** Looks at a world again and again. */
export class FactFinder {
  private counted: Counted = { at: 0, requests: new Map() };
  private readonly controller: ControllerFinder;

  constructor(
    private readonly world: World,
    private readonly stage: string,
    private readonly site: string,
  ) {
    this.controller = new ControllerFinder(world.target!, world.group);
  }

  async facts(): Promise<TrialFacts> {
    const { world } = this;
    const controller = await this.controller.look();
    const databases = await databasesOf(world, controller);
    const zones = await zonesOf(world.target!)().catch(() => []);
    return {
      at: Date.now(),
      stage: this.stage,
      site: this.site,
      names: namesOf(zones, databases),
      ...this.loadBalancer(),
      servers: this.servers(),
      databases,
      functions: world.lambdas.facts().map((one) => ({
        name: one.name,
        lastStart: one.lastStart === undefined ? undefined : Date.parse(one.lastStart),
        lastOutcome: one.lastOutcome === 'returned' ? 'succeeded' : one.lastOutcome && one.lastError,
      })),
      ...(controller && { controller: told(controller) }),
      events: world.events.latest().slice(0, 50),
      faults: holding(world),
    };
  }

  private loadBalancer(): Pick<TrialFacts, 'loadBalancer'> {
    const balancer = this.world.loadBalancer;
    if (!balancer?.deployed()) return {};
    const { requestsPerSecond, statusClasses, latencyMillis } = balancer.access();
    const answers = { '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, ...statusClasses };
    return {
      loadBalancer: { url: balancer.url, requestsPerSecond, answers, p95Milliseconds: latencyMillis?.p95 },
    };
  }

  private servers(): ServerFacts[] {
    const { servers, loadBalancer } = this.world;
    const targets = new Map((loadBalancer?.targets() ?? []).map((target) => [target.id, target]));
    const now = Date.now();
    const seconds = (now - this.counted.at) / 1000;
    const before = this.counted.requests;
    const requests = new Map([...targets].map(([id, target]) => [id, target.requests]));
    this.counted = { at: now, requests };
    return (servers?.servers() ?? []).map(({ id, zone, phase, address }) => {
      const state = phase === 'running' ? (targets.get(id)?.state ?? phase) : phase;
      const known = before.get(id);
      const rate = known === undefined ? 0 : ((requests.get(id) ?? known) - known) / seconds;
      return { id, zone, state, address, requestsPerSecond: Math.max(0, rate) };
    });
  }
}

const told = ({ memory, hold }: SeenController): ControllerFacts => ({
  state: memory?.state?.name,
  phase: memory?.phase,
  epoch: memory?.epoch,
  reasons: memory?.state?.reasons ?? [],
  roundAt: memory?.roundAt,
  ...(hold && { hold: `${hold.by}: ${hold.why}` }),
});

async function databasesOf(
  { rds, plane }: World,
  controller: SeenController | undefined,
): Promise<DatabaseFacts[]> {
  const { DBInstances = [] } = await rds.model.call('DescribeDBInstances', {});
  return Promise.all(
    DBInstances.map(async (instance) => {
      const source = instance.ReadReplicaSourceDBInstanceIdentifier;
      const id = instance.DbiResourceId!;
      const at = plane.addressOf(id);
      return {
        identifier: instance.DBInstanceIdentifier!,
        state: instance.DBInstanceStatus!,
        ...roleOf(instance, controller),
        source: source || undefined,
        endpoint: instance.Endpoint?.Address,
        address: at && `${at.address}:${at.port}`,
        server: await serverOf(plane, id),
      };
    }),
  );
}

/** Whom clients may write to is the one that follows nobody and is not fenced. */
function roleOf(
  { DbiResourceId, ReadReplicaSourceDBInstanceIdentifier: source, VpcSecurityGroups = [] }: DBInstance,
  controller: SeenController | undefined,
): Pick<DatabaseFacts, 'role' | 'inQuarantine'> {
  const inQuarantine =
    VpcSecurityGroups.length > 0 &&
    VpcSecurityGroups.every(
      ({ VpcSecurityGroupId, Status }) =>
        VpcSecurityGroupId === controller?.quarantineGroup && Status === 'active',
    );
  if (source) return { role: 'replica', inQuarantine };
  const isRetired = controller?.memory?.retired.some(({ resourceId }) => resourceId === DbiResourceId);
  return { role: isRetired || inQuarantine ? 'retired' : 'primary', inQuarantine };
}

const LOOK = `
  select pg_is_in_recovery() as "inRecovery",
    coalesce(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, '0/0')::text as lsn,
    case when pg_is_in_recovery() then
      greatest(0, pg_wal_lsn_diff(coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), pg_last_wal_replay_lsn()))::float8
    end as "lagBytes",
    case when pg_is_in_recovery() and pg_last_wal_receive_lsn() <> pg_last_wal_replay_lsn() then
      extract(epoch from now() - pg_last_xact_replay_timestamp())::float8
    end as "lagSeconds"`;

/** What a server says of itself; nothing when it does not answer in time, or at all. */
async function serverOf(plane: World['plane'], resourceId: string): Promise<DatabaseFacts['server']> {
  if (!plane.isRunning(resourceId)) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE_MILLIS);
  });
  try {
    const rows = await Promise.race([plane.query(resourceId, LOOK), late]);
    const row = rows?.[0] as Omit<NonNullable<DatabaseFacts['server']>, 'connections'> | undefined;
    return (
      row && {
        inRecovery: row.inRecovery,
        lsn: row.lsn,
        connections: plane.sessionCount(resourceId),
        lagBytes: row.lagBytes ?? undefined,
        lagSeconds: row.lagSeconds ?? undefined,
      }
    );
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** The names that clients use: the site's, and those of the databases. */
function namesOf(zones: readonly Zone[], databases: readonly DatabaseFacts[]): NameFacts[] {
  const identifiers = new Map(databases.map(({ endpoint, identifier }) => [endpoint, identifier]));
  const names = new Map<string, { to: string; weight?: number }[]>();
  for (const { records } of zones) {
    for (const record of records) {
      if (!['A', 'CNAME'].includes(record.type)) continue;
      const to = record.alias
        ? 'load balancer'
        : record.values.map((value) => identifiers.get(value) ?? value).join(', ');
      names.set(record.name, [...(names.get(record.name) ?? []), { to, weight: record.weight }]);
    }
  }
  return [...names].map(([name, leadsTo]) => ({ name, leadsTo }));
}
