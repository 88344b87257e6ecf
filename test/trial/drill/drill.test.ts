import { primaryKilled } from '../../../trial/drill/scenarios/primary-killed';
import { type Drilled, drilled } from './drilled';

/** The one drill of npm test; all of them are in drills.long.test.ts. */
jest.setTimeout(300_000);

let drills: Drilled | undefined;
afterAll(() => drills?.end());

test('the primary is killed under load: promises are kept', async () => {
  drills = await drilled(primaryKilled.replicas);
  const { evidence, verdicts } = await drills.run(primaryKilled);
  expect(verdicts.length).toBeGreaterThan(5);
  expect(evidence.load.writes.succeeded).toBeGreaterThan(0);
});
