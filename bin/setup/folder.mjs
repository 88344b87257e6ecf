import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const WINDOWS = process.platform === 'win32';

/** The clone. */
export const FOLDER = resolve(fileURLToPath(import.meta.url), '../../..');
export const inFolder = (...names) => join(FOLDER, ...names);

/** What a file says; undefined when it does not exist. */
export const textOf = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
export const digestOf = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
