/** Makes the site one file, so that a server needs Node and nothing else: no `npm install`, no registry. */
import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** The name of the one file: what the start command runs. */
export const SITE_BUNDLE_FILE = 'site.js';

/**
 * Writes `site.js` into the folder, which is made when absent.
 * The same sources give the same bytes wherever the checkout lies, so that an unchanged site has an
 * unchanged asset hash, and a deployment does not replace servers for nothing.
 * @throws when the sources do not compile; esbuild's message says where
 */
export function bundleSite(outputFolder: string): void {
  buildSync({
    // esbuild names sources in comments, relative to this and not to wherever it was called from.
    absWorkingDir: join(__dirname, '..'),
    entryPoints: ['app/main.ts'],
    outfile: join(outputFolder, SITE_BUNDLE_FILE),
    bundle: true,
    platform: 'node',
    target: 'node20',
    // Not minified: a stack trace in the log must say where, and a few MB more cost nothing here.
    legalComments: 'eof',
    // pg asks for it and does without.
    external: ['pg-native'],
    logLevel: 'silent',
  });
}
