import { Machines } from '../../../trial/world/machines';

test.each([
  ['mysite-failover', true],
  ['mysite-recovery', false],
  // A site may bear any name.
  ['failover-shop-recovery', false],
  ['failover-shop-data-PrepareDatabaseFunction-x', false],
])('the function %s is the controller: %s', (name, isController) => {
  const machines = new Machines(
    '127.80',
    () => undefined,
    () => undefined,
  );
  expect(machines.isController(machines.addFunction(name))).toBe(isController);
  machines.close();
});
