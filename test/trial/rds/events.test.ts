import { DAY, MINUTE, NEW, World } from './world';

let world: World;
beforeEach(async () => {
  world = new World();
  await world.primary();
});

const events = async (request = {}) =>
  (await world.model.call('DescribeEvents', request)).Events!.map(({ Message }) => Message);

test('an event has the form in which EventBridge delivers it', () => {
  expect(world.events[0]).toEqual({
    version: '0',
    id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/),
    'detail-type': 'RDS DB Instance Event',
    source: 'aws.rds',
    account: '123456789012',
    time: '2026-11-22T12:08:00Z',
    region: 'us-east-1',
    resources: ['arn:aws:rds:us-east-1:123456789012:db:site-primary'],
    detail: {
      EventCategories: ['creation'],
      SourceType: 'DB_INSTANCE',
      SourceArn: 'arn:aws:rds:us-east-1:123456789012:db:site-primary',
      Date: '2026-11-22T12:08:00.000Z',
      Message: 'DB instance created.',
      SourceIdentifier: 'site-primary',
      EventID: 'RDS-EVENT-0005',
    },
  });
  expect(world.events[2]).toMatchObject({
    'detail-type': 'RDS DB Snapshot Event',
    detail: { SourceType: 'SNAPSHOT', EventID: 'RDS-EVENT-0090' },
  });
});

test('events are described by source, category and time; an hour unless it is said otherwise', async () => {
  const source = { SourceType: 'db-instance', SourceIdentifier: 'Site-Primary' } as const;
  expect(await events(source)).toEqual([
    'DB instance created.',
    'Backing up DB instance.',
    'Finished DB instance backup.',
  ]);
  expect(await events({ EventCategories: ['creation'], SourceType: 'db-snapshot' })).toEqual([
    'Creating automated snapshot.',
    'Automated snapshot created.',
  ]);
  expect(await events({ Duration: 1 })).toHaveLength(2);
  expect(await events({ EndTime: new Date(world.clock.now() - MINUTE) })).toHaveLength(3);
  await world.pass(61 * MINUTE);
  expect(await events(source)).toEqual([]);
  expect(await events({ ...source, Duration: 120 })).toHaveLength(3);
  expect(await events({ StartTime: new Date(0), SourceType: 'db-instance' })).toHaveLength(3);
});

test('events are kept for 14 days', async () => {
  await world.pass(13 * DAY);
  await world.model.call('RebootDBInstance', { DBInstanceIdentifier: 'site-primary' });
  expect(await events({ Duration: 14 * 24 * 60 })).toContain('DB instance created.');
  await world.pass(2 * DAY);
  expect(world.model.toJSON().events.map(({ message }) => message)).not.toContain('DB instance created.');
});

test('events of a page end with a marker', async () => {
  for (let index = 0; index < 12; index++) {
    await world.model.call('RebootDBInstance', { DBInstanceIdentifier: 'site-primary' });
    await world.pass('reboot');
  }
  const first = await world.model.call('DescribeEvents', { MaxRecords: 20 });
  const rest = await world.model.call('DescribeEvents', { MaxRecords: 20, Marker: first.Marker });
  expect([first.Events!.length, rest.Events!.length, rest.Marker]).toEqual([20, 9, undefined]);
});

test('the same calls at the same times come to the same end', async () => {
  const run = async () => {
    const its = new World({ seed: 7 });
    await its.model.call('CreateDBInstance', NEW);
    await its.pass('create', 'backup');
    await its.model.call('RebootDBInstance', { DBInstanceIdentifier: 'site-primary' });
    await its.pass(3 * DAY);
    return { state: its.model.toJSON(), events: its.events, calls: its.plane.calls };
  };
  expect(await run()).toEqual(await run());
  const another = new World({ seed: 8 });
  await another.primary();
  expect(await another.id('site-primary')).not.toBe((await run()).state.instances[0]!.resourceId);
});

const modify = (change: object) =>
  world.model.call('ModifyDBInstance', {
    DBInstanceIdentifier: 'site-primary',
    ApplyImmediately: true,
    ...change,
  });

test.each([
  [{ MultiAZ: true }, 'modifyMultiAz', 'db.t4g.micro in availability zone us-east-1b'],
  [{ DBInstanceClass: 'db.m7g.large' }, 'modifyClass', 'db.m7g.large in availability zone us-east-1a'],
] as const)(
  '%j that is given up is told in the words of RDS, under no number',
  async (change, span, what) => {
    await modify(change);
    world.model.capacity('given up');
    world.takeEvents();
    await world.pass(span);
    expect(world.takeEvents()).toEqual([]);
    expect((await events({ SourceType: 'db-instance' })).at(-1)).toBe(
      `Insufficient instance capacity for instance type ${what}; putting database instance into available`,
    );
    expect(await world.see('site-primary')).toMatchObject({
      DBInstanceStatus: 'available',
      DBInstanceClass: 'db.t4g.micro',
      MultiAZ: false,
    });
  },
);

test('storage that RDS adds by itself has events of its own', async () => {
  await modify({ MaxAllocatedStorage: 100 });
  world.takeEvents();
  world.model.grow('site-primary');
  await world.pass('modifyStorage');
  expect(world.takeEvents()).toEqual(['0217', '0218']);
});
