/** `npm run settings`: writes what is made from lib/settings.ts. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { settingsJsonSchema, settingsPage } from '../lib/settings/document';

const DOCS = resolve(__dirname, '../docs');

writeFileSync(resolve(DOCS, 'settings.md'), settingsPage());
writeFileSync(resolve(DOCS, 'settings.schema.json'), settingsJsonSchema());
