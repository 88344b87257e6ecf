import { DRILLS } from '../../../trial/drill/list';
import { type Drilled, drilled } from './drilled';

/** Every drill: those that need the same number of replicas share a trial. */
jest.setTimeout(600_000);

const counts = [...new Set(DRILLS.map(({ replicas }) => replicas))];

describe.each(counts)('with %d replicas', (count) => {
  let drills: Drilled;
  beforeAll(async () => {
    drills = await drilled(count);
  });
  afterAll(() => drills?.end());

  test.each(DRILLS.filter(({ replicas }) => replicas === count).map((drill) => [drill.name, drill] as const))(
    '%s',
    async (_, drill) => {
      await drills.run(drill);
    },
  );
});
