import { held } from './held';

/** As many as are done in seconds; schedules.long.test.ts has ten times as many. */
const SCHEDULES = 200;

test(`what must hold holds at every step of ${SCHEDULES} schedules`, () => held(SCHEDULES), 600_000);
