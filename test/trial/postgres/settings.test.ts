import { PARAMETER_NAMES, parameterKind } from '../../../trial/rds/model/parameters';
import { pgHbaConf, postgresqlConf } from '../../../trial/postgres/settings';
import type { DatabaseRecord } from '../../../trial/postgres/state';

const record: DatabaseRecord = {
  resourceId: 'db-1',
  address: '127.77.0.2',
  endpoint: { name: 'site.example', port: 5432 },
  securityGroupIds: [],
  parameters: {},
  archiveWal: true,
  replayDelayMillis: 0,
} as never;

const lines = (parameters: Record<string, string>) =>
  postgresqlConf({
    record: { ...record, parameters },
    replicationPassword: 'x',
    isDurable: false,
  }).split('\n');

/** One that it takes and that no server has by itself. */
function someValue(name: string): string {
  const { type, allowed } = parameterKind(name)!;
  if (type === 'boolean') return '0';
  if (type === 'list') return allowed!.split(',')[0]!;
  return type === 'string' ? 'given' : '77';
}

/** What the trial's servers keep, whatever a group says; docs/trial.md tells. */
const KEPT = [
  // With --durable alone does a commit wait for the disk.
  'fsync',
];

test.each(PARAMETER_NAMES.filter((name) => parameterKind(name)!.isModifiable))(
  'a server has %s as its group says, unless it is one that is kept',
  (name) => {
    const value = someValue(name);
    const wanted = `${name} = '${value}'`;
    if (KEPT.includes(name)) expect(lines({ [name]: value })).not.toContain(wanted);
    else expect(lines({ [name]: value }).filter((line) => line.startsWith(`${name} = `))).toEqual([wanted]);
  },
);

test('of the memory for shared buffers a server takes as much as this machine has for it', () => {
  expect(lines({ shared_buffers: '32768' })).toContain("shared_buffers = '32768'");
  expect(lines({ shared_buffers: '2097152' })).toContain("shared_buffers = '32768'");
});

test('clients may have either kind of password, only rdsadmin may not', () => {
  const hba = pgHbaConf(record, '127.77');
  expect(hba).toMatch(/^hostssl all +all +all +md5$/m);
  expect(hba).toMatch(/^host +all +rdsadmin +127\.77\.0\.2\/32 +scram-sha-256$/m);
});
