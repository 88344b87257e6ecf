import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { NAMESPACES, type Scanner } from '../../lib/acknowledge';

/** What lib/acknowledge.ts was told. */
export interface Explanation {
  readonly scanner: Scanner;
  readonly rule: string;
  readonly reason: string;
  /** Of the construct that it stands on; it holds for all below, too. */
  readonly path: string;
}

/** What a scanner says of the resource at a path. */
export interface Finding {
  readonly scanner: Scanner;
  readonly rule: string;
  readonly path: string;
}

/** Every explanation below `scope`. */
export function explanationsOf(scope: IConstruct): Explanation[] {
  return scope.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>))
      .flatMap(([key, reason]) => {
        const id = key.replace(/^Annotation::/, '');
        const known = Object.entries(NAMESPACES).find(([, prefix]) => id.startsWith(prefix));
        if (!known) return [];
        return [{ scanner: known[0] as Scanner, rule: id.slice(known[1].length), reason, path: node.path }];
      }),
  );
}

const explains = (explanation: Explanation, finding: Finding): boolean =>
  explanation.scanner === finding.scanner &&
  explanation.rule === finding.rule &&
  (finding.path === explanation.path || finding.path.startsWith(`${explanation.path}/`));

const said = ({ scanner, rule, path }: Finding) => `${scanner} ${rule} ${path}`;

/** Findings that nothing explains, one line each. */
export const unexplained = (findings: readonly Finding[], explanations: readonly Explanation[]): string[] =>
  findings.filter((finding) => !explanations.some((each) => explains(each, finding))).map(said);

/** Explanations of what no scanner finds, one line each. */
export const inVain = (findings: readonly Finding[], explanations: readonly Explanation[]): string[] =>
  explanations.filter((each) => !findings.some((finding) => explains(each, finding))).map(said);
