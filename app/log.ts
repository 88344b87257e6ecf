/** JSON lines on standard output, where journald and the CloudWatch agent pick them up. */
const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** One method a level: a message that never varies, and what varies as fields. */
export type Log = Record<LogLevel, (message: string, fields?: Record<string, unknown>) => void>;

const SECRET_NAME = /password|secretstring|token|authorization|cookie/i;
const URL_CREDENTIALS = /(:\/\/)[^/\s]*@/g;

/** What JSON.stringify cannot show (errors), or must not show (secrets). */
function safe(name: string, value: unknown): unknown {
  if (value !== undefined && SECRET_NAME.test(name)) return '[hidden]';
  if (typeof value === 'string') return value.replace(URL_CREDENTIALS, '$1[hidden]@');
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Error) {
    const { code } = value as { code?: unknown };
    // `stack` holds name and message as well; the cause tells what a wrapper hides.
    return { code, stack: value.stack ?? value.message, cause: value.cause };
  }
  return value;
}

/**
 * @param least the least severe level that is written
 * @param write takes one line with its line end
 * @param now the time of a line
 */
export function createLog(
  least: LogLevel,
  write: (line: string) => void = (line) => process.stdout.write(line),
  now: () => Date = () => new Date(),
): Log {
  const at =
    (level: LogLevel) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
      write(`${JSON.stringify({ time: now(), level, message, ...fields }, safe)}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
