import { createLog } from '../../../app/log';
import { protect, type ProtectPorts } from '../../../lambda/protect/protect';

const failure = (name: string) => Object.assign(new Error(`${name} was said`), { name });

/** @param answers of the database, one a call: an error's name, or undefined for success */
function world(answers: (string | undefined)[] = [], loadBalancer?: string) {
  const calls: string[] = [];
  const ports: ProtectPorts = {
    log: createLog('error', () => undefined),
    sleep: async (milliseconds) => calls.push(`wait ${milliseconds}`),
    protectDatabase: async (identifier, on) => {
      calls.push(`${identifier} ${on}`);
      const name = answers.shift();
      if (name) throw failure(name);
    },
    protectLoadBalancer: async (arn, on) => {
      calls.push(`${arn} ${on}`);
      if (loadBalancer) throw failure(loadBalancer);
    },
  };
  return { calls, ports };
}

const both = { Protected: 'true', Database: 'mysite-primary', LoadBalancer: 'arn' } as const;

test.each(['true', 'false'] as const)('both are told: %s', async (Protected) => {
  const { calls, ports } = world();
  await protect({ ...both, Protected }, ports, 3);
  expect(calls).toEqual([`mysite-primary ${Protected}`, `arn ${Protected}`]);
});

test('before there is a load balancer, the database alone', async () => {
  const { calls, ports } = world();
  await protect({ Protected: 'true', Database: 'mysite-primary' }, ports, 3);
  expect(calls).toEqual(['mysite-primary true']);
});

test('a primary that is in the middle of something is waited for', async () => {
  const { calls, ports } = world(['InvalidDBInstanceStateFault', 'InvalidDBInstanceState']);
  await protect(both, ports, 3);
  expect(calls).toEqual([
    'mysite-primary true',
    'wait 10000',
    'mysite-primary true',
    'wait 10000',
    'mysite-primary true',
    'arn true',
  ]);
});

test('but not for ever, and any other refusal is final', async () => {
  const busy = world(['InvalidDBInstanceStateFault', 'InvalidDBInstanceStateFault']);
  await expect(protect(both, busy.ports, 2)).rejects.toThrow('InvalidDBInstanceStateFault was said');
  const denied = world(['AccessDenied']);
  await expect(protect(both, denied.ports, 3)).rejects.toThrow('AccessDenied was said');
  expect(denied.calls).toEqual(['mysite-primary true']);
});

test('a primary that has not got its usual name back is the controller’s: the deployment goes on', async () => {
  const { calls, ports } = world(['DBInstanceNotFoundFault']);
  await protect(both, ports, 3);
  expect(calls).toEqual(['mysite-primary true', 'arn true']);
});

test('what fails half way leaves nothing protected', async () => {
  const { calls, ports } = world([], 'AccessDenied');
  await expect(protect(both, ports, 3)).rejects.toThrow('AccessDenied was said');
  expect(calls).toEqual(['mysite-primary true', 'arn true', 'mysite-primary false']);
});
