import { spawnSync } from 'node:child_process';

/** What a scanner says of a template. */
export interface Said {
  readonly rule: string;
  /** Name of the template's file. */
  readonly file: string;
  /** Logical IDs of what it is about; none when it is about what the template has not. */
  readonly resources: readonly string[];
}

/**
 * What a scanner prints.
 *
 * @throws Error with its complaint when it ends otherwise than with findings or without
 */
export function outputOf(program: string, args: readonly string[], findings = 1): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (error) throw error;
  if (status !== 0 && status !== findings) throw new Error(`${program} ended with ${status}: ${stderr}`);
  return stdout;
}
