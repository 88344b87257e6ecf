import { SCENARIOS } from '../../../trial/simulation/scenarios';
import { simulate } from '../../../trial/simulation/simulate';
import type { Fault, Schedule } from '../../../trial/simulation/schedule';

jest.setTimeout(120_000);

const { setup } = SCENARIOS.switchover.schedule(1);
const after = (fault: Fault): Schedule => ({ seed: 1, setup, faults: [fault] });
const said = async (schedule: Schedule): Promise<string> => {
  const { trace, violation } = await simulate(schedule);
  expect(violation).toBeUndefined();
  return trace.map(({ text }) => text).join('\n');
};

test('RDS has no room for the replica that is missing, and then it has', async () => {
  const at = 100;
  const schedule: Schedule = {
    seed: 1,
    setup,
    faults: [
      { kind: 'no-capacity', how: 'refused', at, lasts: 1_800 },
      { kind: 'delete', whom: 'replica-1', at, lasts: 0 },
    ],
  };
  const text = await said(schedule);
  expect(text).toMatch(/RDS refuses CreateDBInstanceReadReplica .*InsufficientDBInstanceCapacity/);
  expect(text).toMatch(/RDS accepts CreateDBInstanceReadReplica/);
});

test.each([
  after({ kind: 'grow', whom: 'primary', at: 100, lasts: 0 }),
  after({ kind: 'occupied', whom: 'primary', status: 'storage-config-upgrade', at: 100, lasts: 900 }),
  after({ kind: 'no-capacity', how: 'given up', at: 100, lasts: 900 }),
])('what RDS does by itself is no reason for anything: %j', async (schedule) => {
  const text = await said(schedule);
  expect(text).not.toMatch(/RDS (accepts|refuses)|primary-suspected/);
});
