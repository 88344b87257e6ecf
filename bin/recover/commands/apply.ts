import { type Applied, apply as applyPlan } from '../../../lambda/recovery/apply';
import { printApplied } from '../../../lambda/recovery/report/applied';
import type { RunRequest } from '../../../lambda/recovery/run-state';
import { Failure } from '../../../lib/terminal/failure';
import { WIDTH, wrapped } from '../../../lib/terminal/text';
import { UsageFailure } from '../../../lib/terminal/usage';
import { asJson } from '../../people/json';
import { EXIT } from '../../people/surroundings';
import type { Common } from '../../people/words';
import type { Cloud } from '../cloud';
import { openDirect, withSessions } from '../direct';
import { carryOut } from '../follow';
import { type FoundPlan, findPlan } from '../plan-folder';
import { serverOf } from '../postgres-url';
import { ProgressView } from '../progress-line';
import type { Surroundings } from '../surroundings';
import { COMMON_HELP, PASSWORD_HELP, choice, quoted, readArguments, sameSite, typed, whole } from '../words';
import { type CommandOfPeople, runId, withCloud } from './command';

export const apply: CommandOfPeople = {
  about: 'puts back what a plan says, in batches; may be repeated',
  help: `npm run recover -- apply PLAN [options]   puts back what a plan says

  --dry-run         writes nothing: what would be done, as things are now
  --conflicts keep|replace|skip
                    keep (default): the new primary's version stays, the lost
                    one is kept in the ledger; replace: the lost version is
                    written over it; skip: they are left open
  --triggers skip|fire
                    whether the site's triggers run for what is put back.
                    skip (default): what they did on the old primary is among
                    the lost writes itself
  --batch NUMBER    rows of one transaction (1 to 100000)
${COMMON_HELP}

From a machine that reaches the new primary, without AWS:

  --new URL         the new primary

${PASSWORD_HELP}

PLAN is a plan file, its folder, or the plan's id. Each row is put back only if
it is as the plan has seen it. What was done is in a ledger on the new primary:
after Ctrl-C, or whatever else, the same command goes on, and does nothing
twice. On AWS the quarantine of the old primary ends when nothing is left open.`,

  async run(args, surroundings) {
    const { values, flags, rest, common } = readArguments('apply', args, {
      values: ['conflicts', 'triggers', 'new', 'batch'],
      flags: ['dry-run'],
      rest: true,
    });
    const [word, strange] = rest;
    if (word === undefined) {
      throw new UsageFailure(`apply needs a PLAN: its file, as ${typed('plan')} has named it.`);
    }
    if (strange !== undefined) throw new UsageFailure(`apply takes one PLAN; "${strange}" is one too many.`);
    const batch = whole('batch', values['batch'], 1, 100_000);
    const how: How = {
      conflicts: choice('conflicts', values['conflicts'], ['keep', 'replace', 'skip']),
      triggers: choice('triggers', values['triggers'], ['skip', 'fire']),
      isDryRun: flags.has('dry-run'),
      ...(batch !== undefined && { batchRows: batch }),
    };
    const url = values['new'];
    const site = url === undefined ? sameSite(common) : `--new ${quoted(url)}`;
    const asked: Asked = {
      how,
      common,
      again: (path) => typed('apply', quoted(path), ...spelled(how), site),
    };
    return url === undefined ? byFunction(word, asked, surroundings) : direct(word, url, asked, surroundings);
  },
};

type How = Pick<Extract<RunRequest, { kind: 'apply' }>, 'conflicts' | 'triggers' | 'isDryRun' | 'batchRows'>;

interface Asked {
  readonly how: How;
  readonly common: Common;
  /** The command that goes on, or does what was tried. */
  readonly again: (path: string) => string;
}

const spelled = ({ conflicts, triggers, batchRows }: How): string[] => [
  ...(conflicts === 'keep' ? [] : ['--conflicts', conflicts]),
  ...(triggers === 'skip' ? [] : ['--triggers', triggers]),
  ...(batchRows === undefined ? [] : ['--batch', `${batchRows}`]),
];

async function direct(word: string, url: string, asked: Asked, surroundings: Surroundings): Promise<number> {
  const { signal, out, env } = surroundings;
  const server = serverOf('--new', url, env);
  const found = await findPlan(word);
  const view = asked.common.isJson ? undefined : new ProgressView(out, env);
  const applied = await withSessions(
    [() => openDirect(server, '--new', { isReadOnly: asked.how.isDryRun })],
    undefined,
    async (primary) =>
      applyPlan({
        ...{ plan: found.plan, primary: primary!, ...asked.how, signal },
        ...(view && { report: (progress) => view.tell(progress) }),
      }),
  );
  view?.end();
  const isForeign = applied.isComplete && !applied.isDryRun;
  const lines = isForeign
    ? [
        'The controller does not know of this. To let the old primary go:',
        `  ${typed('waive', '--recovered', '--why "TEXT"', sameSite(asked.common))}`,
      ]
    : [];
  return conclude(applied, lines, found, asked, surroundings);
}

function byFunction(word: string, asked: Asked, surroundings: Surroundings): Promise<number> {
  const { by, out, env } = surroundings;
  const { how, common, again } = asked;
  return withCloud(common, surroundings, async (cloud) => {
    const found = await findPlan(word, async () => cloud);
    const view = common.isJson ? undefined : new ProgressView(out, env, cloud.journal.now);
    const at = cloud.journal.now();
    const request: RunRequest = {
      ...{ kind: 'apply', run: runId('apply', at), by, at },
      ...{ plan: found.plan.head.id, sha256: found.sha256, ...how },
    };
    view?.say(`${request.run}: waits for the function …`);
    const ending = await carryOut(request, { cloud, surroundings, ...(view && { view }) });
    view?.end();
    if (ending === 'left') {
      const sentence = `The run was not seen to begin; ${typed('status', sameSite(common))} shows it. To go on: ${again(found.path)}`;
      return interrupted(sentence, asked, surroundings);
    }
    const applied = (await fullOf(ending, cloud)) ?? (ending.applied as unknown as Applied | undefined);
    if (!applied) {
      const sentence = `It has fallen silent before it said how far it was. To go on: ${again(found.path)}`;
      if (surroundings.signal.aborted) return interrupted(sentence, asked, surroundings);
      throw new Failure(sentence);
    }
    const { sentence = '' } = ending as { sentence?: string };
    return conclude(applied, wrapped(sentence, WIDTH), found, asked, surroundings);
  });
}

/** With what was refused, row by row: that is in the bucket only. */
async function fullOf(ending: Record<string, unknown>, cloud: Cloud): Promise<Applied | undefined> {
  const { applied: key } = (ending['files'] ?? {}) as { applied?: string };
  if (key === undefined) return undefined;
  try {
    const parts: Uint8Array[] = [];
    for await (const part of cloud.file(key)) parts.push(part);
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as Applied;
  } catch {
    return undefined; // what the run itself has told is enough
  }
}

function interrupted(sentence: string, { common }: Asked, { out, err }: Surroundings): number {
  if (common.isJson) out.write(asJson({ outcome: 'interrupted', sentence }));
  else err.write(`${sentence}\n`);
  return EXIT.interrupted;
}

function conclude(
  applied: Applied,
  told: readonly string[],
  { path }: FoundPlan,
  { common, again }: Asked,
  { out }: Surroundings,
): number {
  if (common.isJson) out.write(asJson({ outcome: outcomeOf(applied), sentence: told.join(' '), applied }));
  else out.write(printApplied(applied, again(path)) + told.map(lineOf).join(''));
  if (applied.isPaused) return EXIT.interrupted;
  // What was left open on demand is as it was asked for.
  return applied.isDryRun || applied.isComplete || isOnDemand(applied) ? EXIT.fine : EXIT.failed;
}

const isOnDemand = ({ counts }: Applied): boolean =>
  (counts.skipped ?? 0) > 0 && (counts.refused ?? 0) === 0 && (counts['changed since'] ?? 0) === 0;

const outcomeOf = ({ isPaused, isDryRun, isComplete }: Applied): string =>
  isPaused ? 'paused' : isDryRun ? 'dry run' : isComplete ? 'complete' : 'open';

const lineOf = (text: string): string => (text === '' ? '' : `${text}\n`);
