/** What a failure costs clients, in the trial with a probe a second. */
import { buildSync } from 'esbuild';
import { bundling } from '../../../lib/data/node-function';
import { firstWriteAfter, losses, shareFailed } from '../../../trial/drill/clients-saw';
import type { Evidence } from '../../../trial/drill/drill';
import type { DrillReport } from '../../../trial/drill/run';
import { failoverOf } from '../../../trial/drill/timeline';
import { BenchFailure } from '../failure';
import type { Figure, Section } from '../figure';
import type { Bench } from '../part';
import { quantity } from '../print';
import { ownWorkMillis } from './own-work';
import { type Stand, withTrial } from './stand';

const MEMORY_MIB = 256;
const BUNDLE_BYTES = 1_000_000;

/** Primary killed, replica killed, switchover: as often as is asked for, on two trials. */
export async function failover(bench: Bench): Promise<Section> {
  const pair = await withTrial(bench, ['database.replicas=2'], async (stand) => ({
    killed: await repeated(bench, stand, 'primary-killed'),
    moved: await repeated(bench, stand, 'switchover'),
    peakMiB: stand.peakMiB(),
  }));
  const lost = await withTrial(bench, ['database.replicas=3'], (stand) =>
    repeated(bench, stand, 'one-of-three-replicas'),
  );
  return {
    part: 'failover',
    title: 'Failover, in the trial',
    about:
      'Real PostgreSQL under a load of 30 requests a second, a third of them writes; time factor 0, a look a second, a primary counts as dead after 2 s. Each run is a drill (`npm run trial -- drill NAME`), with the ledger of every write compared afterwards. A goal for the median and one for the maximum are two rows. Own work is looking, deciding, writing down and calling in the rounds that carried the failover on, from the decision to the opening, without the pauses between rounds and without rounds that only saw that RDS was busy; the controller logs it.',
    figures: [
      ...killedFigures(pair.killed),
      ...replicaFigures(lost),
      ...switchoverFigures(pair.moved),
      {
        name: 'bundle of the function',
        unit: 'bytes',
        values: [bundleBytes()],
        goal: { atMost: BUNDLE_BYTES },
      },
      ...(pair.peakMiB === undefined
        ? []
        : [
            {
              name: "the function's memory at its peak",
              unit: 'MiB' as const,
              values: [pair.peakMiB],
              goal: { atMost: MEMORY_MIB },
            },
          ]),
    ],
  };
}

interface Measured {
  readonly report: DrillReport;
  readonly ownMillis?: number;
}

async function repeated({ runs, say }: Bench, stand: Stand, name: string): Promise<readonly Measured[]> {
  const all: Measured[] = [];
  for (let run = 1; run <= runs; run++) {
    const report = await stand.run(name);
    const broken = report.verdicts.filter(({ isKept, isOfTime }) => !isKept && !isOfTime);
    if (broken.length > 0) {
      const sentences = broken.map(({ promise, found }) => `${promise}: ${found}`);
      throw new BenchFailure(`${name} broke a promise, so its times say nothing: ${sentences.join('; ')}.`);
    }
    all.push({ report, ownMillis: ownWorkMillis(stand.log(report.evidence.faultAt)) });
    const { load } = report.evidence;
    const gaps = (['reads', 'writes'] as const).map(
      (kind) => `${kind} ${quantity(load[kind].longestGap.milliseconds / 1000, 's')}`,
    );
    say(`${name} ${run} of ${runs}: longest gap in ${gaps.join(', in ')}`);
  }
  return all;
}

const evidenceOf = (all: readonly Measured[]): readonly Evidence[] =>
  all.map(({ report }) => report.evidence);

const inSeconds = (name: string, millis: readonly (number | undefined)[], atMost?: number): Figure => ({
  name,
  unit: 's',
  values: millis.filter((value) => value !== undefined).map((value) => value / 1000),
  ...(atMost !== undefined && { goal: { atMost } }),
});

/** The maximum of all runs, as a figure of its own. */
const maximumOf = (name: string, figure: Figure, atMost: number): Figure => ({
  ...figure,
  name,
  values: [Math.max(...figure.values)],
  goal: { atMost },
});

function killedFigures(all: readonly Measured[]): Figure[] {
  const evidence = evidenceOf(all);
  const first = inSeconds(
    'primary killed: until another one has acknowledged a write',
    evidence.map((one) => firstWriteAfter(one, oldPrimary(one))),
    6,
  );
  const step = (
    name: string,
    from: (one: Evidence) => number | undefined,
    to: (one: Evidence) => number | undefined,
  ) =>
    inSeconds(
      name,
      evidence.map((one) => {
        const [begin, end] = [from(one), to(one)];
        return begin === undefined || end === undefined ? undefined : end - begin;
      }),
    );
  const of = (what: 'decidedAt' | 'fencedAt' | 'promotedAt' | 'openedAt') => (one: Evidence) =>
    failoverOf(one)?.[what];
  return [
    first,
    maximumOf('the same, the longest', first, 10),
    inSeconds(
      "of that the controller's own work",
      all.map(({ ownMillis }) => ownMillis),
      1.5,
    ),
    step('of that until the decision', ({ faultAt }) => faultAt, of('decidedAt')),
    step('of that until the fence', of('decidedAt'), of('fencedAt')),
    step('of that until the promotion', of('fencedAt'), of('promotedAt')),
    step('of that until the names have moved', of('promotedAt'), of('openedAt')),
    count('primary killed: acknowledged writes missing in a run', evidence.map(lostIn)),
  ];
}

function replicaFigures(all: readonly Measured[]): Figure[] {
  const evidence = evidenceOf(all);
  const reads = inSeconds(
    'a replica of three killed: longest gap in reads',
    evidence.map(({ load }) => load.reads.longestGap.milliseconds),
    3,
  );
  const serving = inSeconds(
    'until another replica serves',
    evidence.map(({ marks, faultAt }) => marks.find(({ what }) => what === 'replaced')!.at - faultAt),
    20,
  );
  const shares = evidence.map(({ load }) => shareFailed(load.reads) * 100);
  return [
    reads,
    maximumOf('the same, the longest', reads, 3),
    { name: 'share of reads that failed', unit: '%', values: shares, goal: { atMost: 0.5 } },
    maximumOf('the same, the largest', { name: '', unit: '%', values: shares }, 0.5),
    serving,
    maximumOf('the same, the longest', serving, 20),
  ];
}

function switchoverFigures(all: readonly Measured[]): Figure[] {
  const evidence = evidenceOf(all);
  const gap = inSeconds(
    'switchover: longest gap in writes',
    evidence.map(({ load }) => load.writes.longestGap.milliseconds),
    3,
  );
  return [
    gap,
    maximumOf('the same, the longest', gap, 3),
    { ...count('switchover: acknowledged writes missing', evidence.map(lostIn)), goal: { atMost: 0 } },
  ];
}

const oldPrimary = ({ before }: Evidence): string =>
  before.databases.find(({ role }) => role === 'primary')!.identifier;

const lostIn = (one: Evidence): number => losses(one, oldPrimary(one))!.missing.length;

const count = (name: string, values: readonly number[]): Figure => ({ name, unit: 'writes', values });

function bundleBytes(): number {
  const { outputFiles } = buildSync({ ...bundling('failover', 'index.js'), write: false });
  return outputFiles.reduce((sum, { contents }) => sum + contents.length, 0);
}
