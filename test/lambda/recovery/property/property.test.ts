/** What recovery must do, on random schemas and histories: property.long.test.ts does the same with more of them. */
import { makeCase } from './case';
import { casesFrom, judgeCases, refuse } from './judge-world';
import { printCase } from './print';

const CASES = 20;

test(
  `${CASES} histories: each lost change is put back, a conflict or named, and nothing else is touched`,
  async () => refuse(await judgeCases(casesFrom(1, CASES))),
  // How long it takes is no verdict.
  300_000,
);

test('a seed always gives the same case', () => {
  expect(printCase(makeCase(7))).toBe(printCase(makeCase(7)));
  expect(printCase(makeCase(7))).not.toBe(printCase(makeCase(8)));
});
