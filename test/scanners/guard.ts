import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { outputOf, type Said } from './said';

interface Report {
  readonly name: string;
  readonly not_compliant: readonly { readonly Rule: { readonly name: string; readonly checks: unknown } }[];
}

/** cfn-guard's code for "rules have failed" (cloudformation-guard, `ERROR_STATUS_CODE`s of `validate`). */
const FINDINGS = 19;

/** A rule whose parts are reported under names of their own, and are suppressed by the name of the whole. */
const PART = [/USES_SECURE_(PARAMETER|SERVICE)$/, 'NO_PLAINTEXT_PASSWORD'] as const;

/** What cfn-guard finds in the templates of a folder by `rules`, a file or a folder of them. */
export function guard(program: string, rules: string, folder: string): Said[] {
  const options = ['--output-format', 'json', '--show-summary', 'none', '--structured'];
  const output = outputOf(program, ['validate', '--rules', rules, '--data', folder, ...options], FINDINGS);
  const whole = (rule: string) => rule.replace(...PART);
  return (JSON.parse(output) as Report[]).flatMap(({ name, not_compliant }) =>
    not_compliant.map(({ Rule }) => ({
      rule: whole(Rule.name),
      file: basename(name),
      resources: [...new Set(resourcesIn(Rule.checks))],
    })),
  );
}

/** Names of the rules in a file, or in all files of a folder. */
export function rulesIn(path: string): string[] {
  if (statSync(path).isDirectory()) return readdirSync(path).flatMap((name) => rulesIn(join(path, name)));
  return [...readFileSync(path, 'utf8').matchAll(/^rule (\w+)/gm)].map(([, name]) => name!);
}

/**
 * Logical IDs of what a check looked at. The report has the path of each value (`/Resources/<ID>/…`) somewhere inside;
 * what it was compared with, in `to`, may be another resource.
 */
function resourcesIn(check: unknown): string[] {
  if (typeof check !== 'object' || check === null) return [];
  return Object.entries(check).flatMap(([key, value]) => {
    if (key === 'to') return [];
    if (key !== 'path') return resourcesIn(value);
    const resource = /^\/Resources\/([^/]+)/.exec(String(value));
    return resource ? [resource[1]!] : [];
  });
}
