/** Writes trial/rds/model/parameter-table.json anew: `npx ts-node test/trial/rds/write-parameters.ts`, after PostgreSQL is another. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newDatabase, testWorld } from '../postgres/world';
import { parameterTable, SETTINGS_QUERY, type Setting } from './parameter-settings';

async function main(): Promise<void> {
  const world = await testWorld();
  try {
    await world.plane.create(newDatabase('db-A'));
    const settings = (await world.plane.query('db-A', SETTINGS_QUERY)) as unknown as Setting[];
    const file = join(__dirname, '../../../trial/rds/model/parameter-table.json');
    writeFileSync(file, `${JSON.stringify(parameterTable(settings), null, 2)}\n`);
  } finally {
    await world.end();
  }
}

void main();
