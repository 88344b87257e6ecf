/** Writes docs/rds-refusals.md anew: `npx ts-node test/trial/rds/write-refusals.ts`, after the catalogue has changed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { page } from './refusals/page';

writeFileSync(join(__dirname, '../../../docs/rds-refusals.md'), page());
