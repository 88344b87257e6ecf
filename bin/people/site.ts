/** Which site is meant: by the settings, read as the CDK reads them, and by the trial that runs. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Failure } from '../../lib/terminal/failure';
import type { Settings } from '../../lib/settings';
import { SettingsError } from '../../lib/settings/problem';
import { readSettings } from '../../lib/settings/read';
import { type RunningTrial, runningTrial } from './trial';
import type { Common } from './words';

export interface Site {
  readonly settings: Settings;
  readonly region: string;
  /** The stack with the databases; its outputs tell where the journal is. */
  readonly stack: string;
  /** Absent: AWS itself. */
  readonly trial?: RunningTrial;
}

/**
 * @param project folder of cdk.json
 * @param trialFolder `.trial`
 * @throws Failure when the settings do not fit, or no trial runs
 */
export function siteOf(common: Common, project: string, trialFolder: string): Site {
  const trial = common.isTrial
    ? runningTrial(common.folder === undefined ? trialFolder : resolve(common.folder))
    : undefined;
  const settings = settingsOf(project, [...(trial ? ['env=trial'] : []), ...common.context]);
  return { settings, region: trial?.region ?? settings.region, stack: `${settings.name}-data`, trial };
}

function settingsOf(project: string, pairs: readonly string[]): Settings {
  const given = Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
  try {
    return readSettings({ ...contextOf(project), ...given }, project);
  } catch (error) {
    if (error instanceof SettingsError) throw new Failure(error.message);
    throw error;
  }
}

function contextOf(project: string): Record<string, unknown> {
  const file = join(project, 'cdk.json');
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { context?: Record<string, unknown> }).context ?? {};
  } catch (error) {
    throw new Failure(`The settings could not be read: ${(error as Error).message}.`, { cause: error });
  }
}
