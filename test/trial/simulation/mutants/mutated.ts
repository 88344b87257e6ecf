/** Our controller with one expression of its source changed, bundled with the simulation. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import type { Change } from './halves';
import type { Found, Hunt } from './hunter';

const ROOT = join(__dirname, '../../../..');
const CONTROLLER = join(ROOT, 'lambda/failover');

/** @throws Error when the expression is not there exactly once: it was changed, and the mutant must be */
function changed({ file, from, to }: Change): string {
  const source = readFileSync(join(CONTROLLER, file), 'utf8');
  const parts = source.split(from);
  if (parts.length === 2) return parts.join(to);
  throw new Error(
    `lambda/failover/${file} has "${from}" ${parts.length - 1} times, not once: change the mutant in ` +
      'test/trial/simulation/mutants/ as the source was changed.',
  );
}

/** The program of a worker (hunter.ts) in one file. @param change absent: ours as it is */
async function mutated(change?: Change): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(__dirname, 'hunter.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    target: `node${process.versions.node}`,
    logLevel: 'error',
    plugins: change && [
      {
        name: 'mutant',
        setup({ onLoad }) {
          const path = join(CONTROLLER, change.file);
          onLoad({ filter: /lambda\/failover\/.*\.ts$/ }, (loaded) =>
            loaded.path === path ? { contents: changed(change), loader: 'ts' } : undefined,
          );
        },
      },
    ],
  });
  return outputFiles[0]!.text;
}

/** @param change absent: ours as it is. @returns what is broken first; nothing: every promise was kept */
export async function hunted(seeds: readonly number[], change?: Change): Promise<Found | undefined> {
  const program = await mutated(change);
  return new Promise((resolve, reject) => {
    const worker = new Worker(program, { eval: true, workerData: { seeds } satisfies Hunt });
    worker.on('message', resolve);
    worker.on('error', reject);
  });
}
