/** `npm run offers`: writes lib/settings/offers-table.json anew, after a newer cfn-lint in requirements.txt. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { REGIONS } from '../lib/settings/regions';
import { readOffers } from './offers/read';

const FOLDER = resolve(__dirname, '..');

const table = readOffers(resolve(FOLDER, '.venv'), REGIONS);
writeFileSync(resolve(FOLDER, 'lib/settings/offers-table.json'), `${JSON.stringify(table, null, 2)}\n`);
