import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const VENV = resolve(__dirname, '../../.venv');

/**
 * Path of a program in the project's Python environment.
 * @throws Error when it is not installed
 */
export function venvProgram(name: string): string {
  const path = join(VENV, 'bin', name);
  if (!existsSync(path)) {
    throw new Error(`${name} is missing in .venv/bin: "npm test" installs it, "npx jest" alone does not`);
  }
  return path;
}
