/**
 * Runs as a custom resource of the web stack, in the place of CloudFormation's own record when `site.takeOverRecord` is
 * set: that one is never put over a record which is there already. This one is, in one step, and puts the former one
 * back when the deployment is taken back (docs/domain.md).
 */
import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
  waitUntilResourceRecordSetsChanged,
} from '@aws-sdk/client-route-53';
import { createLog } from '../../app/log';
import { answered } from '../custom-resource/answered';
import type { CustomResourceRequest } from '../custom-resource/respond';
import { giveBack, leading, leadsAlike, sameName, takeOver, wantedRecord } from './changes';
import type { SiteRecordProperties } from './properties';
import { remember, remembered } from './remembered';

const log = createLog('info');

/** Route 53 guide: "Changes generally propagate to all Route 53 name servers within 60 seconds." */
const PROPAGATION_SECONDS = 180;

/** Of a resource whose creation failed: CloudFormation has it deleted again, and there is nothing to take away. */
const NOTHING_MADE = 'nothing';

/** @throws Error only when CloudFormation does not take the answer */
export async function handler(request: CustomResourceRequest): Promise<void> {
  const properties = request.ResourceProperties as SiteRecordProperties;
  const { Name } = properties;
  const about = { physicalId: NOTHING_MADE, purpose: `The change of the record ${Name}`, log };
  await answered(request, about, async () => {
    const wanted = wantedRecord(properties);
    const zone = new Zone(properties.HostedZoneId);
    if (request.RequestType === 'Create') return create(request.StackId, zone, wanted, Name);
    // What somebody has added since is not ours to take away. What is in the way fails the deployment.
    if (request.RequestType === 'Update') await zone.change(takeOver(wanted, []));
    else if (request.PhysicalResourceId !== NOTHING_MADE) await remove(request, zone, wanted, Name);
    return undefined;
  });
}

/** @returns the physical id */
async function create(stack: string, zone: Zone, wanted: ResourceRecordSet, name: string): Promise<string> {
  const present = await zone.leading(name);
  if (present.some((record) => leadsAlike(record, wanted))) {
    // Lambda runs a function again whose answer was not taken; then it is done already.
    if (!(await hasOwnRecord(stack, name))) return name;
    throw new Error(
      'this stack has the record already, and CloudFormation would take it away. Set site.takeOverRecord to false again: it is for a name that leads elsewhere before the first deployment',
    );
  }
  const physicalId = remember(name, present);
  log.info('the name is taken over', { name, before: present });
  await zone.change(takeOver(wanted, present));
  return physicalId;
}

async function remove(
  { StackId, PhysicalResourceId }: CustomResourceRequest,
  zone: Zone,
  wanted: ResourceRecordSet,
  name: string,
): Promise<void> {
  // Otherwise the stack is deleted, perhaps years later: who has the former address now, nobody knows.
  const before = (await isTakenBack(StackId)) ? remembered(PhysicalResourceId) : [];
  log.info('the name is given back', { name, before });
  await zone.change(giveBack(wanted, await zone.leading(name), before));
}

class Zone {
  private readonly client = new Route53Client({});

  constructor(private readonly HostedZoneId: string) {}

  /** @returns the records at this name that lead a client to an address */
  async leading(name: string): Promise<ResourceRecordSet[]> {
    const { client, HostedZoneId } = this;
    // One page: they are sorted by name, this one comes first, and more than that could not be remembered.
    const { ResourceRecordSets = [] } = await client.send(
      new ListResourceRecordSetsCommand({ HostedZoneId, StartRecordName: name }),
    );
    return leading(ResourceRecordSets, name);
  }

  /** Resolves when Route 53's name servers have it; when they take too long, after a while. */
  async change(Changes: Change[]): Promise<void> {
    if (Changes.length === 0) return;
    const { client, HostedZoneId } = this;
    const { ChangeInfo } = await client.send(
      new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }),
    );
    try {
      await waitUntilResourceRecordSetsChanged(
        { client, maxWaitTime: PROPAGATION_SECONDS, minDelay: 2, maxDelay: 5 },
        { Id: ChangeInfo!.Id! },
      );
    } catch (error) {
      // It is made, and cannot be called failed any more.
      log.warn('the change is on its way still', { error });
    }
  }
}

/** @returns whether CloudFormation goes back to what was before, and does not delete what is not needed any more */
async function isTakenBack(StackName: string): Promise<boolean> {
  const { Stacks } = await new CloudFormationClient({}).send(new DescribeStacksCommand({ StackName }));
  return Stacks?.[0]?.StackStatus?.includes('ROLLBACK') ?? false;
}

/** @returns whether the stack has a record of CloudFormation's own at this name */
async function hasOwnRecord(StackName: string, name: string): Promise<boolean> {
  const { StackResources = [] } = await new CloudFormationClient({}).send(
    new DescribeStackResourcesCommand({ StackName }),
  );
  return StackResources.some(
    ({ ResourceType, PhysicalResourceId }) =>
      ResourceType === 'AWS::Route53::RecordSet' && sameName(PhysicalResourceId, name),
  );
}
