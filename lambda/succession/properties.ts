/** What the template says to the function: the properties of its custom resources. CloudFormation makes texts of numbers. */

/** Until this target group has so many healthy targets. */
export interface HealthyTargetsProperties {
  /** ARN */
  readonly TargetGroup: string;
  readonly Targets: string;
}

/** Until the world has forgotten an old address. */
export interface MovedNameProperties {
  readonly Seconds: string;
}

export const HEALTHY_TARGETS = 'Custom::HealthyTargets';
export const MOVED_NAME = 'Custom::MovedName';
