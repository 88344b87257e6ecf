import { casesFrom, judgeCases, refuse } from './judge-world';

/** On one pair of servers. */
const AT_ONCE = 20;

/** `RECOVERY_PAIRS=50 npm run test:long -- property`: 1,000 histories. */
const PAIRS = Number(process.env['RECOVERY_PAIRS'] ?? 12);

const FIRST = 1001;

/** Every fourth pair: the controller's look at the replica came before the last that the replica received. */
test.each(
  Array.from({ length: PAIRS }, (_, pair) => ({ from: FIRST + pair * AT_ONCE, isEarly: pair % 4 === 3 })),
)(
  `${AT_ONCE} histories from seed $from, fork seen early: $isEarly`,
  async ({ from, isEarly }) => refuse(await judgeCases(casesFrom(from, AT_ONCE), { isEarly })),
  900_000,
);
