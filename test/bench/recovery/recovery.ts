/** Ours side by side with what else finds differences, on the same two servers. */
import { apply } from '../../../lambda/recovery/apply';
import type { Plan } from '../../../lambda/recovery/plan';
import { BenchFailure } from '../failure';
import type { Section } from '../figure';
import type { Bench } from '../part';
import type { Programs } from '../programs';
import { quantity } from '../print';
import { watched } from './backends';
import { type Judgement, judge } from './judge';
import { type Own, ownTools } from './own';
import { pgComparator } from './pg-comparator';
import { reladiff } from './reladiff';
import { type Measured, type Size, rowsName, sectionOf } from './results';
import { type Stand, startStand } from './stand';
import type { Tool } from './tool';
import { CONFLICTS, ROLES, type Role } from './truth';
import { faults, untouched } from './verify';

const SIZES = [1_000_000, 10_000_000];

export type RecoveryBench = Pick<Bench, 'programs' | 'runs' | 'signal' | 'say'> & {
  /** Of the tables. @default 1 and 10 million */
  readonly rows?: readonly number[];
  /** @default all */
  readonly peers?: readonly Tool[];
};

export async function recovery(bench: RecoveryBench): Promise<Section> {
  const { rows = SIZES, programs } = bench;
  const own = await ownTools(programs);
  const sizes: Size[] = [];
  for (const size of rows) sizes.push(await measured(bench, own, size));
  return sectionOf(sizes);
}

async function measured(bench: RecoveryBench, own: Own, rows: number): Promise<Size> {
  const { programs, runs, say, signal, peers = [pgComparator, reladiff] } = bench;
  const present: Tool[] = [];
  const missing: { tool: string; why: string }[] = [];
  for (const tool of peers) {
    const why = await tool.ready();
    if (why === undefined) present.push(tool);
    else missing.push({ tool: tool.name, why });
    if (why !== undefined) say(why);
  }
  say(`${rowsName(rows)} rows: two servers, and what happens on them`);
  const stand = await startStand(rows, say);
  const stop = () => void stand.pair.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const series = [own.slot, own.rows, ...present, own.except].map((tool) => new Series(tool, stand));
    for (let run = 1; run <= runs; run++) {
      for (const one of series) {
        const { seconds, judgement } = await one.run(programs);
        const { correct, harmful, missed } = judgement;
        say(
          `${rowsName(rows)} rows, ${run} of ${runs}: ${one.tool.name} ${quantity(seconds, 's')}, ${correct} correct, ${harmful} harmful, ${missed} missed`,
        );
      }
    }
    const { plan } = await own.slot.find(stand, programs);
    const unlike = [plan, (await own.rows.find(stand, programs)).plan].flatMap((one) => unnamed(stand, one));
    return {
      rows,
      missing,
      measured: series.map((one) => one.result(own, present)),
      faults: [...unlike, ...(await applied(stand, plan))].map((fault) => (say(fault), fault)),
    };
  } catch (error) {
    if (signal.aborted) throw new BenchFailure('It was ended before it was over.');
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await stand.pair.stop();
  }
}

/** One tool, again and again. */
class Series {
  private readonly seconds: number[] = [];
  private readonly workSeconds: number[] = [];
  private readonly peakMiB: number[] = [];
  private readonly backendMiB: number[] = [];
  private worst: Judgement | undefined;

  constructor(
    readonly tool: Tool,
    private readonly stand: Stand,
  ) {}

  async run(programs: Programs): Promise<{ readonly seconds: number; readonly judgement: Judgement }> {
    const { stand, tool } = this;
    const [found, backend] = await watched(stand, () => tool.find(stand, programs));
    const judgement = judge(stand.truth, found.repairs);
    this.seconds.push(found.seconds);
    if (found.workSeconds !== undefined) this.workSeconds.push(found.workSeconds);
    if (found.peakMiB !== undefined) this.peakMiB.push(found.peakMiB);
    if (backend !== undefined) this.backendMiB.push(backend);
    const badness = ({ harmful, missed }: Judgement) => harmful + missed;
    if (!this.worst || badness(judgement) > badness(this.worst)) this.worst = judgement;
    return { seconds: found.seconds, judgement };
  }

  result({ slot, rows }: Own, peers: readonly Tool[]): Measured {
    const { tool, seconds, workSeconds, peakMiB, backendMiB } = this;
    return {
      tool: tool.name,
      isOurs: tool === slot || tool === rows,
      isPeer: peers.includes(tool),
      ...{ seconds, workSeconds, peakMiB, backendMiB },
      judgement: this.worst!,
    };
  }
}

/** @returns what the plan should tell a person and does not, in sentences */
function unnamed({ truth }: Stand, { head, changes }: Plan): string[] {
  const named = new Set(changes.filter(({ conflict }) => conflict).map(({ key }) => Number(key[0])));
  const silent = (Object.keys(truth) as Role[])
    .filter((role) => ROLES[role].truth === 'conflict')
    .flatMap((role) => truth[role])
    .filter((key) => !named.has(key));
  return [
    ...(silent.length > 0 ? [`by ${head.method}: conflicts that are not named: ${silent.join(', ')}`] : []),
    ...(named.size > CONFLICTS
      ? [`by ${head.method}: ${named.size} conflicts are named, and there are ${CONFLICTS}`]
      : []),
    ...head.unrecoverable.map(({ what }) => `by ${head.method}: called unrecoverable: ${what}`),
  ];
}

/** Puts back what the plan says, and looks at every row. @returns what is wrong, in sentences */
async function applied(stand: Stand, plan: Plan): Promise<string[]> {
  const before = await untouched(stand);
  const primary = await stand.pair.session('primary');
  try {
    const { isComplete, counts } = await apply({ plan, primary });
    return [
      ...(isComplete ? [] : [`the apply is not complete: ${JSON.stringify(counts)}`]),
      ...(await faults(stand, before)),
    ];
  } finally {
    await primary.close();
  }
}
