/** The failover controller, and the function that lets go of the databases when the stack is deleted. */
import { act } from '../../../lambda/failover/act';
import type { Action, ActionKind, Changes } from '../../../lambda/failover/decision';
import { failoverEnvironment } from '../../../lambda/failover/environment';
import { type AwsPorts, makePorts } from '../../../lambda/failover/make-ports';
import type { Observation } from '../../../lambda/failover/observation';
import { describeGroup } from '../../../lambda/failover/observe';
import { snapshotName } from '../../../lambda/failover/decide/replicas';
import { recordsOf, remove } from '../../../lambda/failover/remove';
import { secretsManager } from '../../../app/database/credentials';
import { answersOf } from '../answers';
import { authorities } from '../authorities';
import { recordCalls } from '../recording';
import type { Site } from '../site';
import { type Caller, environmentOf } from './caller';
import { MEMORY } from './memory';

const ROLE = 'FailoverRole';

const target = (identifier: string) => ({ identifier, resourceId: identifier });
const PRIMARY = target('mysite-primary');
const REPLICA = target('mysite-replica-1');
/** As naming.ts calls an old primary. */
const OLD = target('mysite-retired-2');
const ALL = [PRIMARY, REPLICA, OLD];
/** All of them, and each alone. */
const EACH: Required<Changes> = {
  deletionProtection: true,
  multiAz: true,
  backupDays: 7,
  maintenanceWindow: 'sun:03:00-sun:04:00',
  backupWindow: '05:00-06:00',
};
const CHANGES: readonly Changes[] = [EACH, ...Object.entries(EACH).map(([key, value]) => ({ [key]: value }))];
const NAMES = {
  writer: 'old.rds',
  readers: [{ identifier: 'mysite-replica-9', target: 'old.rds', weight: 1 }],
};

/**
 * Every kind of action, on all names that its instances may have, with all that it may carry: a new kind is an error of
 * types here. After a failover the primary has a replica's name, and the old one has that of the primary.
 */
const actions = (groups: {
  database: string;
  quarantine: string;
}): { [K in ActionKind]: readonly Extract<Action, { kind: K }>[] } => ({
  'set-groups': ALL.flatMap((on) =>
    Object.values(groups).map((group) => ({ kind: 'set-groups', on, groups: [group] }) as const),
  ),
  modify: ALL.flatMap((on) => CHANGES.map((changes) => ({ kind: 'modify', on, changes }) as const)),
  rename: [
    { kind: 'rename', on: PRIMARY, to: OLD.identifier },
    { kind: 'rename', on: REPLICA, to: PRIMARY.identifier },
  ],
  // An old primary may have its retired name before its fence is shown.
  reboot: ALL.map((on) => ({ kind: 'reboot', on })),
  promote: [{ kind: 'promote', on: REPLICA, backupDays: 7, backupWindow: '05:00-06:00' }],
  'create-replica': [PRIMARY, REPLICA].map((of) => ({
    kind: 'create-replica',
    identifier: 'mysite-replica-3',
    of,
  })),
  delete: ALL.flatMap((on) => [
    { kind: 'delete', on },
    { kind: 'delete', on, snapshot: snapshotName(on, 2) },
  ]),
  // Asks PostgreSQL alone.
  open: [],
  'move-names': [
    {
      kind: 'move-names',
      from: NAMES,
      to: { writer: 'new.rds', readers: [{ identifier: 'mysite-primary', target: 'new.rds', weight: 0 }] },
    },
  ],
  'stack-policy': [
    { kind: 'stack-policy', updates: 'denied' },
    { kind: 'stack-policy', updates: 'allowed' },
  ],
});

async function observed(ports: AwsPorts, name: string): Promise<Observation> {
  const group = await describeGroup(ports, { name });
  const probe = { reached: false, why: 'silent', message: 'not asked' } as const;
  const seen = group.map((one) => ({ ...one, resourceId: one.identifier, probe }));
  // What was the primary before, by its other name.
  const old = { ...seen[0]!, ...OLD };
  return { at: Date.now(), instances: [...seen, old], names: await ports.names.read() };
}

async function drive(
  ports: AwsPorts,
  site: Site,
  environment: ReturnType<typeof failoverEnvironment>,
): Promise<void> {
  const { policy, controllerSecretArn } = environment;
  const observation = await observed(ports, policy.name);
  const groups = { database: policy.databaseGroup, quarantine: policy.quarantineGroup };
  /** A port that is new is an error of types here; what calls nothing of AWS does nothing. */
  const ofPorts: Record<keyof AwsPorts, () => Promise<unknown> | void> = {
    clock: () => undefined,
    log: () => undefined,
    random: () => undefined,
    // Calls of these are actions.
    rds: () => undefined,
    stack: () => undefined,
    names: () => undefined,
    databases: async () => {
      for (const stage of [undefined, 'AWSPREVIOUS'] as const)
        await secretsManager(site.region, stage)(controllerSecretArn);
    },
    journal: async () => {
      const stored = await ports.journal.read();
      await ports.journal.take(stored, 'me');
      await ports.journal.take({ ...stored, version: 7, lease: { owner: 'other', beat: 3 } }, 'me');
      const entry = {
        at: 1,
        epoch: 1,
        phase: 'steady',
        state: 'healthy',
        what: 'reboot',
        evidence: ['seen'],
        by: 'me',
      };
      await ports.journal.commit({
        version: 7,
        owner: 'me',
        memory: MEMORY,
        entries: [entry, entry],
        notOnHold: true,
        answered: 'command-1',
      });
      await ports.journal.release('me');
    },
    notify: () =>
      ports.notify({
        severity: 'critical',
        subject: `primary dead${' for long'.repeat(20)}`,
        text: 'It is.',
      }),
    isGoing: () => ports.isGoing(site.stackId('data')),
  };
  for (const ask of Object.values(ofPorts)) await ask();
  for (const action of Object.values(actions(groups)).flat()) {
    const { outcome } = await act(ports, observation, action as Action);
    if (outcome !== 'done') throw new Error(`${action.kind} was not done: ${outcome}`);
  }
}

export const controller: Caller = {
  name: 'failover controller',
  function: 'FailoverFunction',
  role: ROLE,
  drive: (site) =>
    recordCalls('failover controller', answersOf(site), async () => {
      const environment = failoverEnvironment(environmentOf(site, 'FailoverFunction', authorities()));
      await drive(makePorts(environment), site, environment);
    }),
};

export const release: Caller = {
  name: 'release of the databases',
  function: 'ReleaseDatabasesFunction',
  role: ROLE,
  drive: (site) =>
    recordCalls('release of the databases', answersOf(site), async () => {
      const environment = failoverEnvironment(environmentOf(site, 'ReleaseDatabasesFunction', authorities()));
      const ports = { ...makePorts(environment), clock: { now: Date.now, sleep: () => Promise.resolve() } };
      if (!(await ports.isGoing(site.stackId('data')))) throw new Error('the stack is not being deleted');
      const [custom] = site.resources('Custom::ReleaseDatabases');
      const records = recordsOf(custom!.properties, environment);
      await remove({
        ports,
        policy: environment.policy,
        owner: 'me',
        until: Date.now() + 60_000,
        // Others than the zone has: the controller has changed them since.
        records: { ...records, writer: 'first.rds' },
      });
    }),
};
