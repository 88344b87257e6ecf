import { buildSync } from 'esbuild';
import { bundling } from '../../../lib/data/node-function';

/** A cold start reads and compiles all of it. */
const MOST_BYTES = 1_000_000;

test.each(['failover', 'prepare-database', 'protect', 'recovery', 'site-record', 'succession'])(
  '%s is one file of at most 1 MB',
  (name) => {
    const { outputFiles } = buildSync({ ...bundling(name, 'index.js'), write: false });
    expect(outputFiles).toHaveLength(1);
    expect(outputFiles[0]!.contents.length).toBeLessThanOrEqual(MOST_BYTES);
  },
);
