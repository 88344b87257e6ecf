import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stageTemplates, STAGES } from '../support/synthesize';
import { venvProgram } from '../support/venv';

interface Finding {
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

/** Findings of cfn-lint in `templates`, a text each. */
function lint(templates: Readonly<Record<string, object>>): Finding[] {
  const folder = mkdtempSync(join(tmpdir(), 'lint-'));
  try {
    const files = Object.entries(templates).map(([name, template]) => {
      const file = join(folder, `${name}.json`);
      writeFileSync(file, JSON.stringify(template));
      return file;
    });
    const command = ['--format', 'json', '--regions', 'us-east-1', '--', ...files];
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

const shown = ({ Level, Rule, Message, Filename, Location }: Finding) =>
  `${Level} ${Rule.Id} ${Filename.replace(/^.*\//, '')} ${Location.Path.join('/')}: ${Message}`;

test('cfn-lint has no error, and no warning that is not explained, in any template', () => {
  const templates = Object.fromEntries(
    STAGES.flatMap((stage) =>
      [...stageTemplates(stage)].map(([part, template]) => [`${stage}-${part}`, template.toJSON()]),
    ),
  );
  const broken = structuredClone(
    templates['replicated-data'] as {
      Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
    },
  );
  const database = Object.values(broken.Resources).find(({ Type }) => Type === 'AWS::RDS::DBInstance')!;
  database.Properties.DBInstanceClass = 'db.t4g.enormous';

  const findings = lint({ ...templates, broken });
  expect(
    findings.filter((finding) => finding.Filename.endsWith('broken.json')).map(({ Rule }) => Rule.Id),
  ).toContain('E3025');
  expect(
    findings
      .filter((finding) => !finding.Filename.endsWith('broken.json') && !isExplained(finding))
      .map(shown),
  ).toEqual([]);
}, 120_000);
