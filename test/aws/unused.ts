/** Grants that no call asks for, and why they stand. */
export interface Unused {
  /** What the logical id of the role begins with. */
  readonly role: string;
  readonly action: RegExp;
  readonly resource: RegExp;
  readonly why: string;
}

export const UNUSED: readonly Unused[] = [
  {
    role: 'FailoverRole',
    action: /^rds:ModifyDBInstance$/,
    resource: /:(og:default:\*|pg:mysite-[^*]+|subgrp:mysite-[^*]+)$/,
    why: "Whether RDS asks for the groups that an instance has, when they stay, is not documented: a fence must not fail by it. They are the site's own.",
  },
  ...['FailoverRole', 'RecoveryRole'].map((role) => ({
    role,
    action: /^sqs:(GetQueueAttributes|GetQueueUrl)$/,
    resource: /:mysite-data-[^*]+$/,
    why: 'The CDK grants both with SendMessage to whoever sends to a destination; they read no message.',
  })),
  ...['FleetServerRole', 'LoneFleetServerRole'].map((role) => ({
    role,
    action: /^cloudformation:SignalResource$/,
    resource: /:stack\/mysite-web\//,
    why: "The CDK grants it with Signals; cfn-signal, which signs with the instance's identity, needs none (CloudFormation guide, cfn-signal).",
  })),
];
