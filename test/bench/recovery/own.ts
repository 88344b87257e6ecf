/** Our own plan, by the slot and by rows, and plain SQL: each in a process of its own (child.ts). */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Server } from '../../../lambda/recovery/connect';
import type { Plan } from '../../../lambda/recovery/plan';
import type { TestServer } from '../../support/replica';
import type { Programs } from '../programs';
import type { Outcome, Task } from './child';
import type { Repair } from './judge';
import type { Stand } from './stand';
import type { Found, Tool } from './tool';

export interface Planned extends Found {
  readonly plan: Plan;
}

export interface Own {
  readonly slot: Tool<Planned>;
  readonly rows: Tool<Planned>;
  readonly except: Tool;
}

const READY = async () => undefined;

/** As lib/data/node-function.ts bundles the Lambda. */
export async function ownTools(programs: Programs): Promise<Own> {
  const child = join(programs.folder(), 'child.js');
  await build({
    entryPoints: [join(__dirname, 'child.ts')],
    outfile: child,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    external: ['pg-native'],
    logLevel: 'warning',
  });
  const run = async (method: string, { pair, fork }: Stand, from: Programs) => {
    const folder = from.folder();
    const task: Task = { old: server('old', pair.old), primary: server('new', pair.primary), fork };
    writeFileSync(join(folder, 'task.json'), JSON.stringify(task));
    const { seconds } = await from.time({
      name: method,
      program: process.execPath,
      args: [child, method, 'task.json', 'out.json'],
      cwd: folder,
    });
    const outcome = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')) as Outcome;
    return { seconds, ...outcome };
  };
  const planning = (name: string, method: 'slot' | 'rows'): Tool<Planned> => ({
    name,
    ready: READY,
    async find(stand, from) {
      const { seconds, workSeconds, peakMiB, plan } = await run(method, stand, from);
      return { seconds, workSeconds, peakMiB, plan: plan!, repairs: repairsOf(plan!) };
    },
  });
  return {
    slot: planning('recovery, by the slot', 'slot'),
    rows: planning('recovery, by rows', 'rows'),
    except: {
      name: 'plain SQL, EXCEPT',
      ready: READY,
      async find(stand, from) {
        const { seconds, peakMiB, repairs } = await run('except', stand, from);
        return { seconds, peakMiB, repairs: repairs! };
      },
    },
  };
}

export const server = (name: string, { host, port }: TestServer): Server => ({
  name,
  host,
  port,
  user: 'postgres',
  database: 'postgres',
});

/** What `apply` would write: a conflict is a person's to decide, and by default nothing is written for it. */
export const repairsOf = ({ changes }: Plan): Repair[] =>
  changes
    .filter(({ conflict }) => !conflict)
    .map(({ operation, key }) => ({ operation, key: Number(key[0]) }));
