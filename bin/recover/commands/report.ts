import { writePrivately } from '../../../lambda/recovery/plan-file';
import { htmlReport, markdownReport } from '../../../lambda/recovery/report/report';
import { summaryOf } from '../../../lambda/recovery/report/summary';
import { UsageFailure } from '../../../lib/terminal/usage';
import { asJson } from '../../people/json';
import { siteOf } from '../../people/site';
import { EXIT } from '../../people/surroundings';
import { type FoundPlan, findPlan } from '../plan-folder';
import type { Surroundings } from '../surroundings';
import type { Common } from '../../people/words';
import { COMMON_HELP, quoted, readArguments, sameSite, typed } from '../words';
import type { CommandOfPeople } from './command';

export const report: CommandOfPeople = {
  about: 'makes the report of a plan again',
  help: `npm run recover -- report PLAN [options]   makes the report of a plan again

  --html FILE       writes it as a page (default: Markdown, to standard output)
${COMMON_HELP}

PLAN is a plan file, its folder, or the plan's id: that is looked for below
recovery/ on this machine, and then in the log bucket.`,

  async run(args, surroundings) {
    const { values, rest, common } = readArguments('report', args, { values: ['html'], rest: true });
    const [word, strange] = rest;
    if (word === undefined)
      throw new UsageFailure(`report needs a PLAN: its file, as ${typed('plan')} has named it.`);
    if (strange !== undefined) throw new UsageFailure(`report takes one PLAN; "${strange}" is one too many.`);
    const { plan, sha256, path } = await found(word, common, surroundings);
    const { out } = surroundings;
    const options = { path: quoted(path), options: sameSite(common) };
    const file = values['html'];
    if (file !== undefined) await writePrivately(file, [htmlReport(plan, options)]);
    if (common.isJson)
      out.write(
        asJson({
          plan: plan.head.id,
          path,
          sha256,
          html: file,
          head: { ...plan.head, tables: undefined },
          summary: summaryOf(plan),
        }),
      );
    else out.write(file === undefined ? markdownReport(plan, options) : `The report is in ${file}.\n`);
    return EXIT.fine;
  },
};

/** The account is asked only for what is not here. */
async function found(word: string, common: Common, surroundings: Surroundings): Promise<FoundPlan> {
  const { project, trial, cloud } = surroundings;
  const opened: { close(): void }[] = [];
  try {
    return await findPlan(word, async () => {
      const one = await cloud(siteOf(common, project, trial));
      opened.push(one);
      return one;
    });
  } finally {
    for (const one of opened) one.close();
  }
}
