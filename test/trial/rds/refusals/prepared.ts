/** Accounts in which something is asked. The instance is `site-primary`, its replica `site-replica`. */
import type { Operation, Request } from '../../../../trial/rds/model/operations';
import type { Resting } from '../../../../trial/rds/model/state';
import { anySurroundings, type Surroundings } from '../../../../trial/rds/model/surroundings';
import type { Answers } from '../../../../trial/rds/model/undecided';
import { DAY, HOUR, MINUTE, NEW, World } from '../world';

export const PRIMARY = NEW.DBInstanceIdentifier;
export const REPLICA = 'site-replica';
export const ARN = `arn:aws:rds:us-east-1:123456789012:db:${PRIMARY}`;
export const ROLE = 'arn:aws:iam::123456789012:role/monitoring';
/** One that cannot be taken on: IAM has just made it, or it trusts somebody else. */
export const STRANGE_ROLE = 'arn:aws:iam::123456789012:role/made-now';
/** In another VPC than every subnet group, and in none. */
export const FOREIGN_GROUP = 'sg-elsewhere';
export const NO_GROUP = 'sg-none';
export const WINDOWS = {
  PreferredBackupWindow: '01:00-02:00',
  PreferredMaintenanceWindow: 'sun:03:00-sun:04:00',
};

type Step = (world: World) => Promise<void>;

const call =
  <O extends Operation>(operation: O, request: Request<O>, ...spans: Parameters<World['pass']>): Step =>
  async (world) => {
    await world.model.call(operation, request);
    await world.pass(...spans);
  };

const primary =
  (more: object = {}): Step =>
  (world) =>
    world.primary({ ...WINDOWS, ...more });

const follow = (name: string, source: string = PRIMARY): Step =>
  call(
    'CreateDBInstanceReadReplica',
    {
      DBInstanceIdentifier: name,
      SourceDBInstanceIdentifier: source,
    },
    'createReplica',
  );

const backedUp = (name: string): Step =>
  call(
    'ModifyDBInstance',
    { DBInstanceIdentifier: name, BackupRetentionPeriod: 1, ApplyImmediately: true },
    'modifyRetention',
    'backup',
  );

const follows = (count: number, source: string, prefix: string): Step[] =>
  Array.from({ length: count }, (_, index) => follow(`${prefix}-${index}`, source));

const modify = (change: object, ...spans: Parameters<World['pass']>): Step =>
  call('ModifyDBInstance', { DBInstanceIdentifier: PRIMARY, ApplyImmediately: true, ...change }, ...spans);

const shown =
  (status: Resting, name = PRIMARY): Step =>
  async ({ model }) =>
    model.show(name, status);

const occupied =
  (status: string, name = PRIMARY): Step =>
  async ({ model }) =>
    model.occupy(name, status, HOUR);

const siteGroup = call('CreateDBParameterGroup', {
  DBParameterGroupName: 'site',
  DBParameterGroupFamily: 'postgres17',
  Description: 'of the site',
});

const PASSED = { DBInstanceIdentifier: PRIMARY };

export const PREPARED = {
  'an empty account': [],
  'an empty account without capacity': [async ({ model }) => model.capacity('refused')],
  'a primary': [primary()],
  'a primary without backups': [primary({ BackupRetentionPeriod: 0 })],
  'a primary with deletion protection': [primary({ DeletionProtection: true })],
  'a primary with 40 tags': [
    primary({ Tags: Array.from({ length: 40 }, (_, index) => ({ Key: `k${index}`, Value: 'v' })) }),
  ],
  'a Multi-AZ primary': [primary({ MultiAZ: true })],
  'a primary of 100 GiB': [primary({ AllocatedStorage: 100 })],
  'a primary of 500 GiB with IOPS of its own': [
    primary({ AllocatedStorage: 500, Iops: 12_000, StorageType: 'gp3' }),
  ],
  'a primary with Performance Insights': [
    primary({ EnablePerformanceInsights: true, PerformanceInsightsKMSKeyId: 'key' }),
  ],
  'a primary whose change of the class waits for the window': [
    primary(),
    call('ModifyDBInstance', {
      DBInstanceIdentifier: PRIMARY,
      DBInstanceClass: 'db.m7g.large',
      MultiAZ: true,
    }),
  ],
  'a primary in a subnet group of one zone': [primary({ DBSubnetGroupName: 'one-zone' })],
  'a primary where 100,000 GiB are allocated': [
    primary(),
    call('CreateDBInstance', { ...NEW, DBInstanceIdentifier: 'a', AllocatedStorage: 65_000 }),
    call('CreateDBInstance', { ...NEW, DBInstanceIdentifier: 'b', AllocatedStorage: 34_980 }),
  ],
  'a primary with enhanced monitoring': [
    primary({ MonitoringInterval: 60, MonitoringRoleArn: ROLE }),
    (world) => world.pass('configure', 'backup'),
  ],
  'a primary, no capacity any more': [primary(), async ({ model }) => model.capacity('refused')],
  'a stopped primary, no capacity any more': [
    primary(),
    call('StopDBInstance', PASSED, 'stop'),
    async ({ model }) => model.capacity('refused'),
  ],
  'a primary and a replica': [primary(), follow(REPLICA)],
  'a primary and a replica that keeps backups': [primary(), follow(REPLICA), backedUp(REPLICA)],
  'a primary with 15 replicas': [primary(), ...follows(15, PRIMARY, 'r')],
  'a replica with five behind it': [
    primary(),
    follow(REPLICA),
    backedUp(REPLICA),
    ...follows(5, REPLICA, 'r'),
  ],
  'three replicas in a chain, each with backups': [
    primary(),
    follow('r-1'),
    backedUp('r-1'),
    follow('r-2', 'r-1'),
    backedUp('r-2'),
    follow(REPLICA, 'r-2'),
    backedUp(REPLICA),
  ],
  'a replica with one behind it': [primary(), follow(REPLICA), backedUp(REPLICA), follow('r-1', REPLICA)],
  '40 instances': [
    ...Array.from({ length: 40 }, (_, index) =>
      call('CreateDBInstance', { ...NEW, DBInstanceIdentifier: `i-${index}` }),
    ),
  ],
  'a primary, and 40 retained automated backups': [
    ...Array.from({ length: 40 }, (_, index) => async (world: World) => {
      const name = { DBInstanceIdentifier: `i-${index}` };
      await world.model.call('CreateDBInstance', { ...NEW, ...name });
      await world.model.call('DeleteDBInstance', {
        ...name,
        SkipFinalSnapshot: true,
        DeleteAutomatedBackups: false,
      });
      await world.pass('delete');
    }),
    primary(),
  ],
  'a primary with the manual snapshot `taken`': [
    primary(),
    call('CreateDBSnapshot', { ...PASSED, DBSnapshotIdentifier: 'taken' }, 'snapshot'),
  ],
  'a primary with 100 manual snapshots': [
    primary(),
    ...Array.from({ length: 100 }, (_, index) =>
      call('CreateDBSnapshot', { ...PASSED, DBSnapshotIdentifier: `s-${index}` }, 'snapshot'),
    ),
  ],
  'a primary and another instance, `other`': [
    primary(),
    call('CreateDBInstance', { ...NEW, ...WINDOWS, DBInstanceIdentifier: 'other' }, 'create', 'backup'),
  ],
  'a primary that is on its way to the name `new`': [primary(), modify({ NewDBInstanceIdentifier: 'new' })],
  'an account with the groups `site` only': [
    siteGroup,
    primary({ DBSubnetGroupName: 'site', DBParameterGroupName: 'site' }),
  ],
  creating: [call('CreateDBInstance', { ...NEW, ...WINDOWS })],
  'creating replica': [
    primary(),
    call('CreateDBInstanceReadReplica', {
      DBInstanceIdentifier: REPLICA,
      SourceDBInstanceIdentifier: PRIMARY,
    }),
  ],
  'backing-up': [primary(), call('CreateDBSnapshot', { ...PASSED, DBSnapshotIdentifier: 'now' })],
  'backing-up replica': [
    primary(),
    follow(REPLICA),
    call('CreateDBSnapshot', { DBInstanceIdentifier: REPLICA, DBSnapshotIdentifier: 'now' }),
  ],
  modifying: [primary(), modify({ DBInstanceClass: 'db.m7g.large' })],
  'modifying replica': [
    primary(),
    follow(REPLICA),
    call('ModifyDBInstance', {
      DBInstanceIdentifier: REPLICA,
      DBInstanceClass: 'db.m7g.large',
      ApplyImmediately: true,
    }),
  ],
  'promoting replica': [
    primary(),
    follow(REPLICA),
    call('PromoteReadReplica', { DBInstanceIdentifier: REPLICA }),
  ],
  rebooting: [primary(), call('RebootDBInstance', PASSED)],
  'rebooting replica': [
    primary(),
    follow(REPLICA),
    call('RebootDBInstance', { DBInstanceIdentifier: REPLICA }),
  ],
  renaming: [primary(), modify({ NewDBInstanceIdentifier: 'elsewhere' }, 'renameBegins')],
  'resetting-master-credentials': [primary(), modify({ MasterUserPassword: 'battery-staple' })],
  'configuring-enhanced-monitoring': [primary(), modify({ MonitoringInterval: 60, MonitoringRoleArn: ROLE })],
  'configuring-log-exports': [
    primary(),
    modify({ CloudwatchLogsExportConfiguration: { EnableLogTypes: ['postgresql'] } }),
  ],
  'configuring-iam-database-auth': [primary(), modify({ EnableIAMDatabaseAuthentication: true })],
  'storage-optimization': [primary(), modify({ AllocatedStorage: 40 }, 'modifyStorage')],
  'storage-optimization replica': [
    primary({ MaxAllocatedStorage: 100 }),
    follow(REPLICA),
    async (world) => {
      world.model.grow(REPLICA);
      await world.pass('modifyStorage');
    },
  ],
  'optimized, five hours after the change': [
    primary(),
    modify({ AllocatedStorage: 40 }, 'modifyStorage', 5 * HOUR),
  ],
  'optimized, seven hours after the change': [
    primary(),
    modify({ AllocatedStorage: 40 }, 'modifyStorage', 7 * HOUR),
  ],
  maintenance: [primary(), occupied('maintenance')],
  upgrading: [primary(), occupied('upgrading')],
  'storage-config-upgrade': [primary(), occupied('storage-config-upgrade')],
  'storage-initialization': [primary(), occupied('storage-initialization')],
  stopping: [primary(), call('StopDBInstance', PASSED)],
  stopped: [primary(), call('StopDBInstance', PASSED, 'stop')],
  starting: [primary(), call('StopDBInstance', PASSED, 'stop'), call('StartDBInstance', PASSED)],
  'storage-full': [primary(), async ({ model }) => model.storageFull(PRIMARY, true)],
  failed: [primary(), shown('failed')],
  'insufficient-capacity': [
    async (world) => {
      world.model.capacity('given up');
      await world.model.call('CreateDBInstance', { ...NEW, ...WINDOWS });
      await world.pass('create');
      world.model.capacity(undefined);
    },
  ],
  'incompatible-create': [primary(), shown('incompatible-create')],
  'incompatible-network': [primary(), shown('incompatible-network')],
  'incompatible-parameters': [primary(), shown('incompatible-parameters')],
  'incompatible-restore': [primary(), shown('incompatible-restore')],
  'inaccessible-encryption-credentials': [primary(), shown('inaccessible-encryption-credentials')],
  'inaccessible-encryption-credentials-recoverable': [
    primary(),
    shown('inaccessible-encryption-credentials-recoverable'),
  ],
  'modify-failed': [primary(), shown('modify-failed')],
  'upgrade-failed': [primary(), shown('upgrade-failed')],
  deleting: [primary(), call('DeleteDBInstance', { ...PASSED, SkipFinalSnapshot: true })],
  'delete-precheck': [
    primary(),
    follow(REPLICA),
    call('DeleteDBInstance', { ...PASSED, SkipFinalSnapshot: true }),
  ],
} as const satisfies Record<string, readonly Step[]>;

export type Prepared = keyof typeof PREPARED;

const any = anySurroundings('123456789012', 'us-east-1');

/** An account in which some things are not as they have to be. */
const surroundings: Surroundings = {
  ...any,
  async subnetGroup(name) {
    const group = await any.subnetGroup(name);
    return name === 'one-zone' ? { ...group, Subnets: group?.Subnets?.slice(0, 1) } : group;
  },
  vpcOf: async (group) =>
    group === NO_GROUP ? undefined : group === FOREIGN_GROUP ? 'vpc-other' : any.vpcOf(group),
  canMonitor: async (role) => role !== STRANGE_ROLE,
};

/** Only the groups `site`, as in an account of its own. */
const groups: Surroundings = {
  ...any,
  subnetGroup: async (name) => (name === undefined || name === 'site' ? any.subnetGroup(name) : undefined),
};

export async function prepare(given: Prepared, answers: Answers): Promise<World> {
  const isPoor = given === 'an account with the groups `site` only';
  const world = new World({ answers, surroundings: isPoor ? groups : surroundings });
  for (const step of PREPARED[given]) await step(world);
  return world;
}

export { DAY, HOUR, MINUTE };
