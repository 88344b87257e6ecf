import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Assembly, readAssembly } from './assembly';
import { TrialFailure } from './failure';
import type { Processes } from './processes';
import { type Target, environmentFor } from './target';

const FOLDER = join(__dirname, '..');
const CLI = join(FOLDER, 'node_modules/aws-cdk/bin/cdk');
const FLAGS = ['--no-notices', '--no-version-reporting', '--no-color', '--ci'];

export interface CdkOptions {
  readonly processes: Processes;
  /** Where assemblies and the log go. */
  readonly folder: string;
  /** Also on the terminal. */
  readonly verbose?: boolean;
}

/** Runs the CDK CLI as a user would, against the target only. */
export class Cdk {
  constructor(private readonly options: CdkOptions) {
    mkdirSync(options.folder, { recursive: true });
    writeFileSync(this.log, '');
  }

  private get log(): string {
    return join(this.options.folder, 'cdk.log');
  }

  /** Synthesizes the app once; the later commands take the assembly instead of running the app again. */
  async synth(target: Target, context: readonly string[]): Promise<Assembly> {
    const folder = join(this.options.folder, 'cdk.out');
    const given = context.flatMap((value) => ['-c', value]);
    await this.run(
      target,
      ['synth', '--quiet', '--output', folder, ...given],
      'The blueprint could not be synthesized',
    );
    return readAssembly(folder);
  }

  async bootstrap(target: Target, { folder }: Assembly): Promise<void> {
    const where = `aws://${target.account}/${target.region}`;
    await this.run(target, ['bootstrap', where, '--app', folder], 'cdk bootstrap failed');
  }

  /** @returns the stacks in which nothing had changed */
  async deploy(target: Target, { folder }: Assembly): Promise<string[]> {
    const args = ['deploy', '--all', '--require-approval', 'never', '--progress', 'events', '--app', folder];
    const output = await this.run(target, args, 'cdk deploy failed');
    return [...output.matchAll(/(\S+) \(no changes\)/g)].map(([, stack]) => stack!);
  }

  /**
   * Any command of the CLI.
   *
   * @param failure begins what is thrown
   * @returns what the CLI said
   * @throws TrialFailure
   */
  async run(target: Target, args: readonly string[], failure: string): Promise<string> {
    const child = this.options.processes.start(process.execPath, [CLI, ...args, ...FLAGS], {
      cwd: FOLDER,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environmentFor(target, process.env),
    });
    let output = '';
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', (data) => {
        output += data;
        appendFileSync(this.log, data);
        if (this.options.verbose) process.stderr.write(data);
      });
    }
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code === 0) return output;
    throw new TrialFailure(
      `${failure}:\n\n${telling(output)}\n\nAll that the CDK CLI said is in ${this.log}.`,
    );
  }
}

const FAILED_RESOURCE = /❌|‣|_FAILED\b/;
const NOISE = /^\s+at |^npm (warn|notice)|Subprocess exited|^Node\.js v|_(COMPLETE|IN_PROGRESS)\b/;

/** What a person needs of a failed command's output: the failed resources, else all but stack traces and npm's noise. */
export function telling(output: string): string {
  const lines = output.split('\n').map((line) => line.trimEnd());
  const failed = lines.filter((line) => FAILED_RESOURCE.test(line));
  const rest = lines.filter((line) => line && !NOISE.test(line));
  return [...new Set(failed.length > 0 ? failed : rest)].slice(-30).join('\n');
}
