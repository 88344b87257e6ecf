import { SLOT_NAME, SLOT_PLUGIN, rolesPlan, slotPlan } from '../../../lambda/prepare-database/plan';
import { scramVerifier } from '../../../lambda/prepare-database/scram';

const VERIFIERS = { app_writer: 'W', app_reader: 'R', controller: "C'", recovery: 'V' };
const ON_RDS = {
  master: 'postgres',
  masterReplicates: false,
  database: 'my "site"',
  roles: ['rds_replication', 'app_writer'],
  writerTables: [],
  writerSequences: [],
};

test('a role that exists is altered, one that is missing is made', () => {
  expect(rolesPlan(ON_RDS, VERIFIERS).slice(0, 4)).toEqual([
    `alter role app_writer with login password 'W'`,
    `create role app_reader with login password 'R'`,
    `create role controller with login password 'C'''`,
    `create role recovery with login password 'V'`,
  ]);
});

test('names are quoted', () => {
  const statements = rolesPlan({ ...ON_RDS, master: 'the "boss"' }, VERIFIERS).join('\n');
  expect(statements).toContain('on database "my ""site""" to');
  expect(statements).toContain('grant app_writer to "the ""boss"""');
});

test.each([
  ['RDS', {}, ['grant rds_replication to controller, recovery']],
  [
    'a plain PostgreSQL',
    { masterReplicates: true, roles: [] },
    ['alter role controller replication', 'alter role recovery replication'],
  ],
])('slots may be used by controller and recovery on %s', (_, change, expected) => {
  const statements = rolesPlan({ ...ON_RDS, ...change }, VERIFIERS);
  expect(statements.filter((statement) => statement.includes('replication'))).toEqual(expected);
});

const SLOT = { plugin: SLOT_PLUGIN, database: 'site', walStatus: 'reserved', active: false };
const CREATE = `select pg_create_logical_replication_slot('${SLOT_NAME}', 'test_decoding')`;

test.each([
  ['missing is made', undefined, [CREATE]],
  ['there stays', SLOT, []],
  ['lost is made anew', { ...SLOT, walStatus: 'lost' }, [expect.stringContaining('drop'), CREATE]],
  ['lost, but in use, stays', { ...SLOT, walStatus: 'lost', active: true }, []],
])('a slot that is %s', (_, slot, expected) => expect(slotPlan(slot, 'site')).toEqual(expected));

test.each([{ plugin: 'pgoutput' }, { database: 'other' }])('a slot with %j is another’s', (change) => {
  expect(() => slotPlan({ ...SLOT, ...change }, 'site')).toThrow('belongs to');
});

test('a verifier is what RFC 7677 computes in its example', () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  // Server and stored key give the example's ServerSignature and take its ClientProof ("pencil", 4096 rounds).
  expect(scramVerifier('pencil', salt)).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  );
});

test('the same password has another verifier each time', () => {
  expect(scramVerifier('same')).not.toBe(scramVerifier('same'));
});
