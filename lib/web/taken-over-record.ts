import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import { SITE_RECORD, type SiteRecordProperties } from '../../lambda/site-record/properties';
import { acknowledgeWildcard } from '../acknowledge';
import { bundle, functionRole, nodeFunction } from '../data/node-function';
import type { Settings } from '../settings';

export interface TakenOverRecordProps {
  readonly settings: Settings;
  readonly zone: IHostedZone;
  /** The whole name, `api.mysite.com`. */
  readonly name: string;
  readonly target: Pick<SiteRecordProperties, 'Alias' | 'Address'>;
}

/** Three minutes for Route 53's name servers, and the answer. */
const TIMEOUT = Duration.minutes(5);

/** Two more tries of Lambda, should the function have died; then the deployment fails instead of waiting an hour. */
const GIVE_UP = Duration.minutes(20);

/**
 * The site's record, put over one that is there already: `AWS::Route53::RecordSet` refuses that (aws-cdk#5904), and to
 * delete the old one first would leave the name without an answer.
 */
export class TakenOverRecord extends Construct {
  constructor(scope: Construct, id: string, { settings, zone, name, target }: TakenOverRecordProps) {
    super(scope, id);
    const role = functionRole(this, 'outside');
    const changes = Stack.of(this).formatArn({
      service: 'route53',
      account: '',
      region: '',
      resource: 'change/*',
    });
    const allowed = new Policy(this, 'Permissions', {
      statements: [
        new PolicyStatement({
          actions: ['route53:ListResourceRecordSets'],
          resources: [zone.hostedZoneArn],
        }),
        new PolicyStatement({
          actions: ['route53:ChangeResourceRecordSets'],
          resources: [zone.hostedZoneArn],
          conditions: {
            'ForAllValues:StringEquals': {
              'route53:ChangeResourceRecordSetsNormalizedRecordNames': [name],
              'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'AAAA', 'CNAME'],
            },
          },
        }),
        new PolicyStatement({ actions: ['route53:GetChange'], resources: [changes] }),
        new PolicyStatement({
          actions: ['cloudformation:DescribeStackResources', 'cloudformation:DescribeStacks'],
          resources: [Stack.of(this).stackId],
        }),
      ],
    });
    allowed.attachToRole(role);
    acknowledgeWildcard(allowed, changes, 'A change has no name before it is made.');

    const { functionArn } = nodeFunction(this, {
      settings,
      description: 'Puts the name of the site over a record that is there already, at deployments',
      code: bundle('site-record'),
      environment: {},
      timeout: TIMEOUT,
      role,
    });
    const properties: SiteRecordProperties = { HostedZoneId: zone.hostedZoneId, Name: name, ...target };
    // Another name is another resource: it is made before the former one is taken away.
    const record = new CustomResource(this, name, {
      resourceType: SITE_RECORD,
      serviceToken: functionArn,
      serviceTimeout: GIVE_UP,
      properties: { ...properties },
    });
    record.node.addDependency(allowed);
  }
}
