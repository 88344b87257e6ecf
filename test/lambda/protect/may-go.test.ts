import { createLog } from '../../../app/log';
import { type Instance, mayGo } from '../../../lambda/protect/may-go';

const log = createLog('error', () => undefined);
const replica: Instance = {
  DBInstanceStatus: 'available',
  ReadReplicaSourceDBInstanceIdentifier: 'mysite-primary',
};

/** @param second what is called mysite-replica-2 */
const asked = (second: () => Promise<Instance | undefined>) =>
  mayGo(['mysite-replica-1', 'mysite-replica-2'], {
    describe: (identifier) => (identifier === 'mysite-replica-2' ? second() : Promise.resolve(replica)),
    log,
  });

test('a primary with the name of a replica: refused, with the way out', async () => {
  await expect(asked(async () => ({ DBInstanceStatus: 'available' }))).rejects.toThrow(
    /^A primary is called mysite-replica-2, and would be .*\(npm run failover -- names\), then delete/,
  );
});

test.each<[string, () => Promise<Instance | undefined>]>([
  ['a replica', async () => replica],
  ['what goes anyway', async () => ({ DBInstanceStatus: 'deleting' })],
  ['nothing', async () => undefined],
  ['something that is not known', () => Promise.reject(new Error('DBInstance not found'))],
])('%s: it may go', async (_, second) => {
  await expect(asked(second)).resolves.toBeUndefined();
});
