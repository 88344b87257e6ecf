import { createLog } from '../../../app/log';
import { healthyTargets } from '../../../lambda/succession/healthy-targets';

/** @param seen the states, one list a look; the last stays */
function world(...seen: string[][]) {
  const looks: string[] = [];
  let slept = 0;
  return {
    looks,
    slept: () => slept,
    ports: {
      log: createLog('error', () => undefined),
      sleep: async (milliseconds: number) => (slept += milliseconds),
      states: async (targetGroup: string) => {
        looks.push(targetGroup);
        return seen[Math.min(looks.length, seen.length) - 1]!;
      },
    },
  };
}

test('it waits until as many are healthy as are wanted', async () => {
  const { looks, slept, ports } = world(
    [],
    ['initial (Elb.RegistrationInProgress)'],
    ['healthy', 'initial'],
    ['healthy', 'healthy', 'unhealthy'],
  );
  await healthyTargets('group', 2, ports, 10);
  expect(looks).toEqual(['group', 'group', 'group', 'group']);
  expect(slept()).toBe(15_000);
});

test('not for ever: it then says what it has seen', async () => {
  const { looks, ports } = world(['healthy', 'unhealthy (Target.Timeout)']);
  await expect(healthyTargets('group', 2, ports, 3)).rejects.toThrow(
    'the load balancer has not 2 healthy targets: healthy, unhealthy (Target.Timeout). Does the site answer 200 at web.healthPath on web.port?',
  );
  expect(looks).toHaveLength(3);
});
