import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string | undefined;

/** Path of a file of certificate authorities; nobody connects, so that none is in it. */
export function authorities(): string {
  if (folder === undefined) {
    const made = (folder = mkdtempSync(join(tmpdir(), 'authorities-')));
    writeFileSync(join(made, 'ca.pem'), '');
    process.on('exit', () => rmSync(made, { recursive: true, force: true }));
  }
  return join(folder, 'ca.pem');
}
