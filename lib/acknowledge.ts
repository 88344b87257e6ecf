import { Validations } from 'aws-cdk-lib';
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
