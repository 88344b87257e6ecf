import { join } from 'node:path';
import { writeEmptyApp } from './empty-app';
import { type Section, pairwise } from './figure';
import type { Bench } from './part';
import { quantity } from './print';
import type { Run } from './programs';
import { PROJECT, appCommand, appEnvironment, entry, installed } from './project';

const STAGE = 'replicated';

/** ts-node as it is without swc; the configuration lies here as it must lie where the types are found from. */
const TYPE_CHECKING = join(__dirname, 'type-checking.tsconfig.json');

/** What `cdk synth` takes: the app's own share, and in all. */
export async function synth({ programs, runs, say }: Bench): Promise<Section> {
  /** The CDK validates templates in the app's process, for as long as all the rest: its share, not the app's. */
  const unvalidated = () => ({ ...appEnvironment(STAGE, programs.folder()), CDK_VALIDATION: 'false' });
  const app = () => programs.time({ name: 'the app', ...appCommand(), cwd: PROJECT, env: unvalidated() });
  const validated = () =>
    programs.time({
      name: "the app with the CDK's validation",
      ...appCommand(),
      cwd: PROJECT,
      env: appEnvironment(STAGE, programs.folder()),
    });
  const typeChecking = () =>
    programs.time({
      name: 'the app by type-checking ts-node',
      ...installed('ts-node', '--project', TYPE_CHECKING, entry()),
      cwd: PROJECT,
      env: unvalidated(),
    });
  const cli = (name: string, cwd: string, ...args: string[]) =>
    programs.time({
      name,
      ...installed('cdk', 'synth', '--quiet', '--no-notices', '--output', programs.folder(), ...args),
      cwd,
    });
  const empty = programs.folder();
  writeEmptyApp(empty);

  const own: Run[] = [];
  const checked: Run[] = [];
  const withValidation: Run[] = [];
  const whole: Run[] = [];
  const least: Run[] = [];
  for (let run = 1; run <= runs; run++) {
    own.push(await app());
    checked.push(await typeChecking());
    withValidation.push(await validated());
    say(`synth ${run} of ${runs}: app ${shown(own)}, type-checking ${shown(checked)}`);
  }
  for (let run = 1; run <= runs; run++) {
    whole.push(await cli('cdk synth', PROJECT, '-c', `stage=${STAGE}`));
    least.push(await cli('cdk synth of an empty app', empty));
    say(`synth ${run} of ${runs}: cdk synth ${shown(whole)}, of an empty app ${shown(least)}`);
  }

  const [a, b, c, d] = [secondsOf(own), secondsOf(checked), secondsOf(whole), secondsOf(least)];
  return {
    part: 'synth',
    title: '`cdk synth` of the stage `replicated`',
    about: `The app is started as cdk.json says, but without npx, which adds its own time. Each run writes into a new folder, so the site is bundled each time. What is compared is measured in turn and compared pair by pair. The CDK CLI runs without notices and telemetry, which would measure the network.`,
    figures: [
      { name: "app's own share", unit: 's', values: a, goal: { atMost: 2.5 } },
      { name: 'the same by type-checking ts-node', unit: 's', values: b },
      {
        name: 'type-checking to own share',
        unit: 'times',
        values: pairwise(b, a, (left, right) => left / right),
        goal: { atLeast: 8 },
      },
      { name: "with the CDK's own validation of templates", unit: 's', values: secondsOf(withValidation) },
      { name: '`cdk synth` in all', unit: 's', values: c },
      { name: '`cdk synth` of an empty app', unit: 's', values: d },
      {
        name: 'in all above an empty app',
        unit: 's',
        values: pairwise(c, d, (left, right) => left - right),
        goal: { atMost: 2.5 },
      },
      ...memory("app's memory at its peak", own),
      ...memory('the same by type-checking ts-node', checked),
    ],
  };
}

const secondsOf = (all: readonly Run[]): number[] => all.map(({ seconds }) => seconds);

const shown = (all: readonly Run[]): string => quantity(all.at(-1)!.seconds, 's');

function memory(name: string, all: readonly Run[]): Section['figures'] {
  const values = all.flatMap(({ peakMiB }) => peakMiB ?? []);
  return values.length > 0 ? [{ name, unit: 'MiB', values }] : [];
}
