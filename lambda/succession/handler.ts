/**
 * Runs as two custom resources of the web stack, between which the site's name moves to the load balancer: HealthyTargets
 * waits until somebody serves there, MovedName until nobody asks at the old address any more. Only then CloudFormation takes
 * the lone server away (docs/decisions/0011-no-dark-step.md).
 *
 * Both wait when they are made, and never again: in a later deployment, or while one is taken back, nothing depends on it.
 */
import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../../app/log';
import { answered } from '../custom-resource/answered';
import type { CustomResourceRequest } from '../custom-resource/respond';
import { healthyTargets } from './healthy-targets';
import { HEALTHY_TARGETS, type HealthyTargetsProperties, type MovedNameProperties } from './properties';

const log = createLog('info');

/** With the pauses between them ten minutes; the servers have said already that they serve. */
const TRIES = 120;

type Request = CustomResourceRequest & { readonly ResourceType: string };

/** @throws Error only when CloudFormation does not take the answer */
export async function handler(request: Request): Promise<void> {
  const isTargets = request.ResourceType === HEALTHY_TARGETS;
  const about = isTargets
    ? { physicalId: 'healthy-targets', purpose: 'The wait for healthy targets', log }
    : { physicalId: 'moved-name', purpose: 'The wait for the name to have moved', log };
  await answered(request, about, async () => {
    if (request.RequestType !== 'Create') return;
    if (isTargets) await targets(request.ResourceProperties as HealthyTargetsProperties);
    else await sleep(Number((request.ResourceProperties as MovedNameProperties).Seconds) * 1_000);
  });
}

async function targets({ TargetGroup, Targets }: HealthyTargetsProperties): Promise<void> {
  const client = new ElasticLoadBalancingV2Client({});
  const states = async (TargetGroupArn: string): Promise<string[]> => {
    const { TargetHealthDescriptions = [] } = await client.send(
      new DescribeTargetHealthCommand({ TargetGroupArn }),
    );
    return TargetHealthDescriptions.map(({ TargetHealth: { State = 'unknown', Reason } = {} }) =>
      Reason ? `${State} (${Reason})` : State,
    );
  };
  await healthyTargets(TargetGroup, Number(Targets), { states, sleep, log }, TRIES);
}
