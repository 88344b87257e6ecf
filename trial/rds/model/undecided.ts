/**
 * What evidence does not decide about RDS: the model plays either answer, so that whoever calls it can be shown to
 * survive both. The first answer of each is the stricter one, and the default.
 *
 * "tf" is hashicorp/terraform-provider-aws, "cfn" aws-cloudformation/aws-cloudformation-resource-providers-rds, "API" the
 * API reference as botocore ships it, "guide" the RDS User Guide.
 */

interface Question {
  readonly question: string;
  /** Why it is not decided. */
  readonly source: string;
  readonly answers: readonly [string, ...string[]];
}

const REFUSED = ['refused', 'accepted'] as const;

export const UNDECIDED = {
  maximumStorageOfReplica: {
    question: 'Does CreateDBInstanceReadReplica check MaxAllocatedStorage as CreateDBInstance does?',
    source:
      'cfn and Terraform set it by ModifyDBInstance afterwards, which checks (ministryofjustice/cloud-platform-environments#15253)',
    answers: REFUSED,
  },
  backupWindowOfReplica: {
    question: "Is the backup window of a new replica chosen at random, or its source's?",
    source: 'API: "All other attributes … are inherited"; tf#7046: windows that are left out are random',
    answers: ['random', "its source's"],
  },
  windowAtRandom: {
    question: 'Does RDS avoid the window that was given when it chooses the other one?',
    source: 'tf#7046: giving one of the two "could randomly fail"; API says only that they must not conflict',
    answers: ['may overlap, and is refused then', 'never overlaps'],
  },
  modifyInBackingUp: {
    question: 'Does ModifyDBInstance take a change in `backing-up`?',
    source:
      'crossplane-contrib/provider-aws#761 says so, tested on AWS; cloud-custodian#178 and tf#31594: not in available state',
    answers: REFUSED,
  },
  modifyWhileConfiguring: {
    question: 'Does ModifyDBInstance take a change in `configuring-…`?',
    source: 'crossplane-contrib/provider-aws#761 says so of configuring-enhanced-monitoring, tested on AWS',
    answers: REFUSED,
  },
  promoteWhileOptimizing: {
    question: 'Does PromoteReadReplica take a replica in `storage-optimization`?',
    source:
      'guide: "fully operational"; alphagov/paas-cf#2332: "other modifications are allowed"; no thread tries it',
    answers: REFUSED,
  },
  replicaWhileOptimizing: {
    question: 'Does CreateDBInstanceReadReplica take a source in `storage-optimization`?',
    source: 'guide: "fully operational"; no thread tries it',
    answers: REFUSED,
  },
  rebootWhileOptimizing: {
    question: 'Does RebootDBInstance take an instance in `storage-optimization`?',
    source: 'guide: "fully operational"; no thread tries it',
    answers: REFUSED,
  },
  stopWhileOptimizing: {
    question: 'Does StopDBInstance take an instance in `storage-optimization`?',
    source: 'guide: "fully operational"; no thread tries it',
    answers: REFUSED,
  },
  insightsOfReplica: {
    question: 'Is DatabaseInsightsMode refused at the creation of a replica, or ignored?',
    source: 'API: "This setting isn\'t supported."; cfn sends it all the same',
    answers: ['refused', 'ignored'],
  },
  keyOfReplicaByArn: {
    question:
      'Is KmsKeyId refused at the creation of a replica whose source in the same region is named by its ARN?',
    source:
      'API: "don\'t specify a value"; refused for a source by name (cloudposse/terraform-aws-rds-replica#5); tf#2386 made one by ARN',
    answers: REFUSED,
  },
  groupsOfReplica: {
    question: "Is a replica that names no security group in the VPC's default group, or in its source's?",
    source:
      'API, VpcSecurityGroupIds: "Default: The default EC2 VPC security group"; API, operation: "All other attributes … are inherited"',
    answers: ['default', "its source's"],
  },
} as const satisfies Record<string, Question>;

export type UndecidedQuestion = keyof typeof UNDECIDED;
export type Answers = { readonly [Q in UndecidedQuestion]: (typeof UNDECIDED)[Q]['answers'][number] };

/** `pick` chooses one of several answers by its number of choices, the first by default. */
export const answers = (pick: (choices: number) => number = () => 0): Answers =>
  Object.fromEntries(
    Object.entries(UNDECIDED).map(([name, { answers: all }]) => [name, all[pick(all.length)]]),
  ) as unknown as Answers;
