import { relative } from 'node:path';
import { wantsColour } from '../../lib/terminal/colour';
import { cell, cut } from '../../lib/terminal/text';
import { UsageFailure, remedy } from '../../lib/terminal/usage';
import type { Drill } from '../drill/drill';
import { DRILLS } from '../drill/list';
import { startOwnTrial } from '../drill/own-trial';
import { asJson, printedReport, printedSummary } from '../drill/print';
import { type DrillReport, isKept, runDrill, tidy } from '../drill/run';
import { findRunning } from '../view/source';
import { EXIT, type Surroundings } from './surroundings';
import { readWords } from './words';

export const DRILL_HELP = `npm run trial -- drill NAME [options]   a failure under load, and what is promised

${DRILLS.map(({ name, about }) => cut(`  ${cell(name, 28)} ${about}`, 80)).join('\n')}
  all                          one after the other

  --json            the reports as JSON, progress on standard error
  --verbose         also each line of the controller's journal

Without a name: the list. A trial that runs is used, and put into order after
the drill; when none runs, one is started and ended. What it takes is promised
at time scale 0. The exit code is 1 when a promise is broken.`;

/** @throws UsageFailure naming the nearest known drill */
export function parseDrill(args: readonly string[]) {
  const { flags, rest } = readWords('drill', args, { flags: ['json', 'verbose'], rest: true });
  const names = DRILLS.map(({ name }) => name);
  const drills = rest.flatMap((name) => {
    if (name === 'all') return DRILLS;
    const drill = DRILLS.find((one) => one.name === name);
    if (drill) return [drill];
    throw new UsageFailure(`"${name}" is no drill: ${remedy(name, [...names, 'all'])}`);
  });
  return { drills, isJson: flags.has('json'), isVerbose: flags.has('verbose') };
}

export async function drill(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { drills, isJson, isVerbose } = parseDrill(args);
  const { out, err, env } = surroundings;
  if (drills.length === 0) {
    out.write(`${DRILLS.map(({ name, about }) => `${cell(name, 28)} ${about}`).join('\n')}\n`);
    return EXIT.fine;
  }
  const begun = performance.now();
  const say = (text: string) =>
    void (isJson ? err : out).write(
      `${((performance.now() - begun) / 1000).toFixed(0).padStart(5)} s  ${text}\n`,
    );
  const colour = wantsColour(out, env);
  const reports: DrillReport[] = [];
  const told = (report: DrillReport) => {
    reports.push(report);
    if (!isJson) out.write(`\n${printedReport(report, { colour, isVerbose }).join('\n')}\n\n`);
  };
  await (findRunning(surroundings.folder) ? onRunning : onOwn)(drills, { ...surroundings, say, told });
  if (isJson) out.write(`${asJson(reports)}\n`);
  else if (reports.length > 1) out.write(`${printedSummary(reports).join('\n')}\n`);
  return reports.every(isKept) ? EXIT.fine : EXIT.failed;
}

interface Around extends Pick<Surroundings, 'folder' | 'signal'> {
  readonly say: (text: string) => void;
  readonly told: (report: DrillReport) => void;
}

/** A person's trial is settled already, or nearly. */
const RUNNING_READY_SECONDS = 5;

async function onRunning(drills: readonly Drill[], { folder, signal, say, told }: Around): Promise<void> {
  const running = findRunning(folder)!;
  for (const one of drills) {
    say(`${one.name}: on the trial that runs at ${running.site}`);
    const options = {
      running,
      trialFolder: folder,
      folder,
      say,
      signal,
      readySeconds: RUNNING_READY_SECONDS,
    };
    told(await runDrill(one, options));
    say('the trial is put into order again');
    await tidy({ ...options, replicas: one.replicas });
  }
}

const OWN_READY_SECONDS = 120;

/** Those that need the same number of replicas share a trial. */
async function onOwn(drills: readonly Drill[], { folder, signal, say, told }: Around): Promise<void> {
  for (const replicas of [...new Set(drills.map((one) => one.replicas))]) {
    const here = drills.filter((one) => one.replicas === replicas);
    say(`a trial with ${replicas} replica${replicas === 1 ? '' : 's'} is started for it`);
    const trial = await startOwnTrial({ context: [`database.replicas=${replicas}`], signal });
    try {
      for (const [index, one] of here.entries()) {
        say(`${one.name}: ${one.about}`);
        const ledgers = relative('', folder) || folder;
        const options = {
          running: trial.running,
          trialFolder: trial.folder,
          folder: ledgers,
          say,
          signal,
          readySeconds: OWN_READY_SECONDS,
        };
        told(await runDrill(one, options));
        if (index === here.length - 1) continue;
        say('the trial is put into order again');
        await tidy({ ...options, replicas });
      }
    } finally {
      say('the trial is ended');
      await trial.end();
    }
  }
}
