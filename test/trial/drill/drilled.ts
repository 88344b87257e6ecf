/** Drills as tests: on one trial that is started for them, and put into order in between. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Drill } from '../../../trial/drill/drill';
import { type OwnTrial, startOwnTrial } from '../../../trial/drill/own-trial';
import { printedReport } from '../../../trial/drill/print';
import { type DrillReport, runDrill, tidy } from '../../../trial/drill/run';

/** As long as jest lets it. */
const READY_SECONDS = 180;

export interface Drilled {
  /** @throws with the whole report when a promise is broken that is none of time: that is no verdict of a test */
  run(drill: Drill): Promise<DrillReport>;
  end(): Promise<void>;
}

/** @param replicas of the trial */
export async function drilled(replicas: number): Promise<Drilled> {
  const folder = mkdtempSync(join(tmpdir(), 'drilled-'));
  const ending = new AbortController();
  const { signal } = ending;
  const said: string[] = [];
  let trial: OwnTrial;
  try {
    trial = await startOwnTrial({ context: [`database.replicas=${replicas}`], signal });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  let isUsed = false;
  return {
    async run(drill) {
      const { running, folder: trialFolder } = trial;
      const say = (text: string) => void said.push(text);
      const options = { running, trialFolder, folder, say, signal, readySeconds: READY_SECONDS };
      if (isUsed) await tidy({ ...options, replicas });
      isUsed = true;
      const report = await runDrill(drill, options);
      const broken = report.verdicts.filter(({ isKept, isOfTime }) => !isKept && !isOfTime);
      if (broken.length > 0) {
        throw new Error(printedReport(report, { colour: false, isVerbose: true }).join('\n'));
      }
      return report;
    },
    async end() {
      ending.abort();
      await trial.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
