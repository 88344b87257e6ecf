/** One thing that is wrong with the settings. */
export interface Problem {
  /** The setting, e.g. `web.minCapacity`. */
  readonly path: string;
  /** The value as it was given; undefined when it is missing. */
  readonly given: unknown;
  /** Where it was given, e.g. `settings in cdk.json`. */
  readonly where: string;
  /** What is allowed, or what is wrong and what to do. */
  readonly allowed: string;
}

/** All that is wrong with the settings, at once. */
export class SettingsError extends Error {
  constructor(readonly problems: readonly Problem[]) {
    super(describe(problems));
    this.name = 'SettingsError';
  }
}

const SHOWN_LENGTH = 80;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

function describe(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const lines = problems.map(
    ({ path, given, where, allowed }) => `  ${path}: ${shown(given)} (${where})\n      allowed: ${allowed}`,
  );
  return [`${count} in the settings (docs/settings.md has them all):`, ...lines].join('\n');
}
