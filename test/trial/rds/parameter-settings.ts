/** What a real server says of its settings, in the form of trial/rds/model/parameter-table.json. */

/** Rows of `SETTINGS_QUERY`. */
export interface Setting {
  readonly name: string;
  readonly context: string;
  readonly vartype: string;
  readonly min_val: string | null;
  readonly max_val: string | null;
  readonly enumvals: string[] | null;
}

/** What a running server can show, but nobody can set, is no parameter. */
export const SETTINGS_QUERY = `
  select name, context, vartype, min_val, max_val, enumvals from pg_settings
  where context <> 'internal' and name !~ '[.]' order by name`;

/** By name, in small letters as RDS writes them: `static integer 1-262143`, as trial/rds/model/parameters.ts reads it. */
export function parameterTable(settings: readonly Setting[]): Record<string, string> {
  return Object.fromEntries(
    settings.map(({ name, context, ...setting }) => [
      name.toLowerCase(),
      [context === 'postmaster' ? 'static' : 'dynamic', ...typeOf(setting)].join(' '),
    ]),
  );
}

function typeOf({ vartype, min_val, max_val, enumvals }: Omit<Setting, 'name' | 'context'>): string[] {
  switch (vartype) {
    case 'bool':
      return ['boolean', '0,1'];
    case 'enum':
      return ['list', enumvals!.join()];
    case 'integer':
      return ['integer', `${min_val}-${max_val}`];
    case 'real':
      return ['float', `${min_val}-${max_val}`];
    default:
      return ['string'];
  }
}
