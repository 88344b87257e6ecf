import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * States why a rule of cdk-nag's AwsSolutions pack does not hold for `construct`. Stands beside what it is about,
 * so that the reason is read, and goes, with it.
 *
 * @param rule e.g. `RDS3`, or one finding of a rule, e.g. `IAM5[Resource::*]`
 */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}

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

type Part = string | { readonly Ref: string };
