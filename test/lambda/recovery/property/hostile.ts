/** Defaults of each case's database that recovery may not notice. */
import { OPERATORS, startupOptions } from '../../../../app/database/session-settings';
import { seeded } from '../../../../trial/load/random';
import { dealt, hostileDefaults, setting } from '../../../app/database/hostile';
import type { Pair } from '../../../support/fork';

/** Of who plays and judges: no default of a case's database reaches these sessions. */
export const UNMOVED = startupOptions({
  ...OPERATORS,
  search_path: '"$user", public',
  default_transaction_read_only: 'off',
});

const AT_ONCE = 20;

/** Where the site's triggers find their names is the site's own, and stays as it is. */
export async function makeHostile({ old, primary }: Pair, database: string, seed: number): Promise<void> {
  const all = await hostileDefaults((text) => old.query(text));
  const harmless = all.filter(([one]) => one!.name !== 'search_path');
  const [hostile = []] = dealt(seeded(seed), harmless, AT_ONCE);
  for (const side of [old, primary]) {
    // Some are no defaults of a database.
    for (const one of hostile) await side.query(setting(`database ${database}`, one)).catch(() => undefined);
  }
}
