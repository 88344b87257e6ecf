/** Writes trial/rds/protocol/shape-table.json anew: `npx ts-node test/trial/rds/write-shapes.ts`, after botocore has grown. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { OPERATIONS } from '../../../trial/rds/model/operations';
import { botocoreDescription, shapesOf } from './botocore';

async function main(): Promise<void> {
  const file = join(__dirname, '../../../trial/rds/protocol/shape-table.json');
  const table = shapesOf(botocoreDescription(), Object.keys(OPERATIONS));
  const text = await format(JSON.stringify(table), { ...(await resolveConfig(file)), parser: 'json' });
  writeFileSync(file, text);
}

void main();
