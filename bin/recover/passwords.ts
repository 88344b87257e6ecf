/** Passwords as libpq finds them: https://www.postgresql.org/docs/17/libpq-pgpass.html */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageFailure } from '../../lib/terminal/usage';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Wanted {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/**
 * @returns undefined when none is known
 * @throws UsageFailure when the file is open to others
 */
export function passwordOf(wanted: Wanted, env: Environment): string | undefined {
  if (env['PGPASSWORD']) return env['PGPASSWORD'];
  const path = env['PGPASSFILE'] ?? (env['HOME'] && join(env['HOME'], '.pgpass'));
  const text = path === undefined ? undefined : contentOf(path);
  return text === undefined ? undefined : passwordIn(text, wanted);
}

function contentOf(path: string): string | undefined {
  try {
    const { mode } = statSync(path);
    // As libpq does; there is nothing to look at on Windows.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new UsageFailure(`${path} can be read by others than you: chmod 0600 ${path}.`);
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof UsageFailure) throw error;
    return undefined;
  }
}

/** `host:port:database:user:password`, where `*` is any, and a backslash takes `:` and `\` for what they are. */
export function passwordIn(text: string, { host, port, database, user }: Wanted): string | undefined {
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = line
      .match(/(?:\\.|[^:\\])*(?::|$)/g)
      ?.map((field) => field.replace(/:$/, '').replace(/\\(.)/g, '$1'));
    const [password] = fields?.slice(4) ?? [];
    const wanted = [host, String(port), database, user];
    const raw = fields?.slice(0, 4) ?? [];
    if (
      password &&
      raw.length === 4 &&
      raw.every((field, index) => field === '*' || field === wanted[index])
    ) {
      return password;
    }
  }
  return undefined;
}
