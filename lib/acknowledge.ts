import { CfnResource, Stack, Validations } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** What a scanner's rule is called in the CDK's list of acknowledged rules: the scanner, then the rule's own ID. */
export const NAMESPACES = {
  checkov: 'checkov::',
  guard: 'guard::',
  /** The name of the CDK plugin (@cdklabs/cdk-validator-cfnguard) that runs these rules, which reads the list itself. */
  controlTower: 'cdk-validator-cfnguard::',
  nag: 'AwsSolutions-',
} as const;

export type Scanner = keyof typeof NAMESPACES;

/** Each scanner writes its IDs in its own way. */
export function scannerOf(rule: string): Scanner {
  if (/^CKV2?_AWS_\d+$/.test(rule)) return 'checkov';
  if (/^[A-Z0-9]+(_[A-Z0-9]+)+$/.test(rule)) return 'guard';
  if (/^[a-z0-9]+(_[a-z0-9]+)+$/.test(rule)) return 'controlTower';
  return 'nag';
}

/**
 * States why rules of scanners do not hold for `construct`. Stands beside what it is about, so that the reason is read,
 * and goes, with it. Whoever runs the scanners on the templates sees nothing of what is explained:
 *
 * - cdk-nag and the rules of Control Tower read the CDK's list of acknowledged rules, of a construct and all below it;
 * - checkov and the rules of the AWS Guard Rules Registry read the metadata of the resource in the template, so that
 *   `construct` must be a resource, or have one of its own.
 *
 * The tests are red when a rule has nothing to say of what is explained (test/lib/nag.test.ts, test/scanners).
 *
 * @param rules one or more, e.g. `RDS3` or one of its findings such as `IAM5[Resource::*]` (cdk-nag, AwsSolutions),
 *   `CKV_AWS_157` (checkov), `RDS_MULTI_AZ_SUPPORT` (Guard Rules Registry), `rds_instance_multi_az_support_check`
 *   (Control Tower)
 * @throws Error when `construct` has no resource that the metadata could stand on
 */
export function acknowledge(construct: IConstruct, rules: string | readonly string[], reason: string): void {
  for (const rule of [rules].flat()) {
    const scanner = scannerOf(rule);
    const about = scanner === 'checkov' || scanner === 'guard' ? resourceOf(construct, rule) : construct;
    Validations.of(about).acknowledge({ id: NAMESPACES[scanner] + rule, reason });
    if (scanner === 'checkov') {
      // https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html, "CloudFormation Metadata"
      add(about as CfnResource, 'checkov', 'skip', { id: rule, comment: reason });
    } else if (scanner === 'guard') {
      // https://github.com/aws-cloudformation/aws-guard-rules-registry, docs/Using-Guard-Rules-Registry.md
      add(about as CfnResource, 'guard', 'SuppressedRules', rule);
    }
  }
}

/** Why neither databases nor load balancer are protected from deletion by their own templates. */
export const PROTECTED_LAST =
  'It is turned on at the end of the deployment (docs/decisions/0010-protection-last.md).';

/** States why the wildcard in `resource` is needed, of a policy that has it. */
export function acknowledgeWildcard(policy: IConstruct, resource: string, reason: string): void {
  const resolved = Stack.of(policy).resolve(resource) as string | { 'Fn::Join': [string, Part[]] };
  // cdk-nag names what is known at deployment only in angle brackets: `<AWS::AccountId>`.
  const text =
    typeof resolved === 'string'
      ? resolved
      : resolved['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : `<${part.Ref}>`)).join('');
  acknowledge(policy, `IAM5[Resource::${text}]`, reason);
}

/** The policy that a role has been given statements of. */
export const policyOf = (role: IRole): IConstruct => role.node.findChild('DefaultPolicy');

type Part = string | { readonly Ref: string };

function resourceOf(construct: IConstruct, rule: string): CfnResource {
  const resource = CfnResource.isCfnResource(construct) ? construct : construct.node.defaultChild;
  if (resource && CfnResource.isCfnResource(resource)) return resource;
  throw new Error(
    `${rule} is acknowledged for ${construct.node.path}, which has no resource of its own: name the construct that has`,
  );
}

function add(resource: CfnResource, scanner: string, list: string, entry: unknown): void {
  const known = (resource.getMetadata(scanner) as Record<string, unknown[]> | undefined)?.[list] ?? [];
  resource.addMetadata(scanner, { [list]: [...known, entry] });
}
