import { makePlan } from '../../../lambda/recovery/make-plan';
import type { Plan } from '../../../lambda/recovery/plan';
import { readPlan } from '../../../lambda/recovery/plan-file';
import { summaryOf } from '../../../lambda/recovery/report/summary';
import { type RunRequest, type RunState, planKeys } from '../../../lambda/recovery/run-state';
import { Failure } from '../../../lib/terminal/failure';
import { UsageFailure } from '../../../lib/terminal/usage';
import type { Words } from '../../../lib/terminal/words';
import { asJson } from '../../people/json';
import { EXIT } from '../../people/surroundings';
import type { Common } from '../../people/words';
import { Interrupted, openDirect, withSessions } from '../direct';
import { carryOut, follow } from '../follow';
import { readFork } from '../fork-file';
import { type SavedPlan, checkOut, savePlan } from '../plan-folder';
import { serverOf } from '../postgres-url';
import { printedPlan } from '../print-plan';
import { ProgressView } from '../progress-line';
import type { Surroundings } from '../surroundings';
import { COMMON_HELP, PASSWORD_HELP, quoted, readArguments, sameSite, typed, whole } from '../words';
import { type CommandOfPeople, runId, withCloud } from './command';

export const plan: CommandOfPeople = {
  about: 'what was lost, and what can be put back',
  help: `npm run recover -- plan [options]   what was lost, and what can be put back

  --epoch NUMBER    of the failover (default: the only one that waits)
  --from INSTANCE   reads a restore of the old primary's backups instead
  --follow RUN      follows a plan that is being made
  --out FOLDER      for the plan and its reports (default: recovery/PLAN ID)
${COMMON_HELP}

From a machine that reaches both servers, without AWS:

  --old URL         the old primary
  --new URL         the new primary
  --fork FILE       where their histories part: JSON, by
                    npm run --silent recover -- status --json > FILE
  --restore         --old is a restore of the old primary's backups

${PASSWORD_HELP}

Both servers are only read. Nothing is written but files on this machine and,
on AWS, below recovery/ of the log bucket.`,

  run(args, surroundings) {
    const words = readArguments('plan', args, {
      values: ['epoch', 'from', 'follow', 'out', 'old', 'new', 'fork'],
      flags: ['restore'],
    });
    const { values, flags } = words;
    const isDirect =
      ['old', 'new', 'fork'].some((name) => values[name] !== undefined) || flags.has('restore');
    return isDirect ? direct(words, surroundings) : byFunction(words, surroundings);
  },
};

type PlanWords = Words & { readonly common: Common };

async function direct({ values, flags, common }: PlanWords, surroundings: Surroundings): Promise<number> {
  const { signal, out, env } = surroundings;
  for (const name of ['old', 'new', 'fork']) {
    if (values[name] === undefined) {
      throw new UsageFailure(`plan without AWS needs --old, --new and --fork; --${name} is missing.`);
    }
  }
  for (const name of ['from', 'follow']) {
    if (values[name] !== undefined) {
      throw new UsageFailure(
        `--${name} is for plans on AWS, and goes with none of --old, --new, --fork, --restore.`,
      );
    }
  }
  const old = serverOf('--old', values['old']!, env);
  const primary = serverOf('--new', values['new']!, env);
  const fork = readFork(values['fork']!, whole('epoch', values['epoch'], 0, 999_999_999));
  checkOut(values['out']);
  const view = common.isJson ? undefined : new ProgressView(out, env);
  const made = await withSessions(
    [
      () => openDirect(old, '--old', { isReadOnly: true }),
      () => openDirect(primary, '--new', { isReadOnly: true }),
    ],
    signal,
    async (there, here) =>
      makePlan({
        ...{ old: there!, primary: here!, fork, isRestore: flags.has('restore') },
        ...(view && { report: (progress) => view.tell(progress) }),
      }),
  ).catch((error: unknown) => {
    if (error instanceof Interrupted) return undefined;
    throw error;
  });
  view?.end();
  if (!made)
    return interrupted(common, surroundings, 'Interrupted: there is no plan, and nothing was written.');
  const options = `--new ${quoted(values['new']!)}`;
  const saved = await savePlan(made, values['out'], { options, controllerOptions: sameSite(common) });
  return conclude(made, saved, options, common, surroundings);
}

function byFunction({ values, common }: PlanWords, surroundings: Surroundings): Promise<number> {
  const { by, out, env } = surroundings;
  const epoch = whole('epoch', values['epoch'], 0, 999_999_999);
  checkOut(values['out']);
  return withCloud(common, surroundings, async (cloud) => {
    const view = common.isJson ? undefined : new ProgressView(out, env, cloud.journal.now);
    const following = { cloud, surroundings, ...(view && { view }) };
    const at = cloud.journal.now();
    const request: RunRequest = {
      ...{ kind: 'plan', run: runId('plan', at), by, at },
      ...(epoch !== undefined && { epoch }),
      ...(values['from'] !== undefined && { from: values['from'] }),
    };
    const known =
      values['follow'] === undefined ? undefined : await runCalled(values['follow'], await cloud.runs());
    if (!known) view?.say(`${request.run}: waits for the function …`);
    const ending = await (known ? follow(known.request, following) : carryOut(request, following));
    view?.end();
    const { run } = known?.request ?? request;
    const options = sameSite(common);
    if (ending === 'left') {
      return interrupted(
        common,
        surroundings,
        `The run goes on in AWS. To follow it: ${typed('plan', '--follow', run, options)}`,
      );
    }
    const id = ending.plan?.id;
    if (id === undefined)
      throw new Failure(`The run ${run} is done, and names no plan: look at the log of the function.`);
    const { plan: made, sha256 } = await readPlan(cloud.file(planKeys(id).plan), `plan ${id} of the bucket`);
    if (sha256 !== ending.plan!.sha256) {
      throw new Failure(
        `The plan ${id} in the bucket is not the one that the run ${run} has made. Make a new plan: ${typed('plan', options)}.`,
      );
    }
    return conclude(made, await savePlan(made, values['out'], { options }), options, common, surroundings);
  });
}

async function runCalled(id: string, runs: readonly RunState[]): Promise<RunState> {
  const plans = runs.filter(({ request }) => request.kind === 'plan');
  const found = plans.find(({ request }) => request.run === id);
  if (found) return found;
  const some = plans
    .slice(0, 5)
    .map(({ request }) => request.run)
    .join(', ');
  throw new Failure(
    `There is no run ${id} of a plan${some ? `: the latest are ${some}` : ', nor any other'}.`,
  );
}

function interrupted({ isJson }: Common, { out, err }: Surroundings, sentence: string): number {
  if (isJson) out.write(asJson({ outcome: 'interrupted', sentence }));
  else err.write(`${sentence}\n`);
  return EXIT.interrupted;
}

function conclude(
  made: Plan,
  saved: SavedPlan,
  options: string,
  { isJson }: Common,
  { out }: Surroundings,
): number {
  if (isJson) {
    out.write(
      asJson({
        outcome: 'done',
        plan: made.head.id,
        ...saved,
        method: made.head.method,
        gaps: made.head.gaps,
        summary: summaryOf(made),
      }),
    );
    return EXIT.fine;
  }
  const path = quoted(saved.path);
  const lines = [
    ...printedPlan(made),
    '',
    `Read it:  ${saved.markdown}`,
    `          ${saved.html}`,
    'Try it, with nothing written; then without --dry-run:',
    `  ${typed('apply', path, '--dry-run', options)}`,
    '',
  ];
  out.write(lines.join('\n'));
  return EXIT.fine;
}
