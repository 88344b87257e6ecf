import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { venvProgram } from './venv';

export interface Finding {
  readonly Level: string;
  readonly Message: string;
  readonly Filename: string;
  readonly Rule: { readonly Id: string };
  readonly Location: { readonly Path: readonly (string | number)[] };
}

/** What cfn-lint says and why it stands. A finding that is not explained here fails. */
const EXPLAINED: readonly { readonly rule: string; readonly message: RegExp; readonly why: string }[] = [
  {
    rule: 'W3691',
    message: /Engine version '17' for engine 'postgres'/,
    why: 'The list has minor versions only; RDS takes the major alone, and its default minor version.',
  },
  {
    rule: 'W3005',
    message: /dependency already enforced by a '(Ref|GetAtt)'/,
    why: 'The CDK states dependencies on whole constructs, also where a reference says the same.',
  },
];

const isExplained = (finding: Finding) =>
  EXPLAINED.some(({ rule, message }) => finding.Rule.Id === rule && message.test(finding.Message));

/** Findings of cfn-lint in `templates`, for one region. */
export function lint(templates: Readonly<Record<string, object>>, region = 'us-east-1'): Finding[] {
  const folder = mkdtempSync(join(tmpdir(), 'lint-'));
  try {
    const files = Object.entries(templates).map(([name, template]) => {
      const file = join(folder, `${name}.json`);
      writeFileSync(file, JSON.stringify(template));
      return file;
    });
    const command = ['--format', 'json', '--regions', region, '--', ...files];
    try {
      return JSON.parse(execFileSync(venvProgram('cfn-lint'), command, { encoding: 'utf8' }));
    } catch (error) {
      // It ends with other than 0 when it has found something, and prints it all the same.
      const { stdout } = error as { stdout?: string };
      if (!stdout) throw error;
      return JSON.parse(stdout);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const shown = ({ Level, Rule, Message, Filename, Location }: Finding) =>
  `${Level} ${Rule.Id} ${Filename.replace(/^.*\//, '')} ${Location.Path.join('/')}: ${Message}`;

/** Those that nothing explains. */
export const unexplained = (findings: readonly Finding[]): Finding[] =>
  findings.filter((finding) => !isExplained(finding));
