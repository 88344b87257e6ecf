/** What the template says to the function that protects: the properties of its custom resource. */
export interface ProtectProperties {
  /** A text, as CloudFormation makes texts of truth values. */
  readonly Protected: 'true' | 'false';
  /** Identifier of the primary. */
  readonly Database: string;
  /** ARN; absent before there is one. */
  readonly LoadBalancer?: string;
  /** Identifiers; absent where there are none. */
  readonly Replicas?: readonly string[];
}
