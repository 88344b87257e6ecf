import { resolve } from 'node:path';
import { readOffers } from '../../../bin/offers/read';
import table from '../../../lib/settings/offers-table.json';
import { REGIONS } from '../../../lib/settings/regions';

test('the table of offers is what the installed cfn-lint says (after an upgrade: npm run offers)', () => {
  expect(readOffers(resolve(__dirname, '../../../.venv'), REGIONS)).toEqual(table);
});
