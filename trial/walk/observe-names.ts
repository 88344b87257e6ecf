import {
  ListResourceRecordSetsCommand,
  Route53Client,
  type ResourceRecordSet,
  paginateListHostedZones,
} from '@aws-sdk/client-route-53';
import { type Target, clientConfig } from '../target';
import { collect } from './collect';
import type { DnsRecord, Zone } from './facts';

const withoutDot = (name: string) => name.replace(/\.$/, '');

/** The hosted zones and their records. */
export async function observeZones(target: Target): Promise<Zone[]> {
  const client = new Route53Client(clientConfig(target));
  const zones = await collect(paginateListHostedZones({ client }, {}), (page) => page.HostedZones);
  return Promise.all(
    zones.map(async ({ Id, Name, Config }) => {
      const id = Id!.replace('/hostedzone/', '');
      const sets = await collect(recordPages(client, id), (page) => page.ResourceRecordSets);
      const isPrivate = Config?.PrivateZone ?? false;
      return { id, name: withoutDot(Name!), isPrivate, records: sets.map(recordOf) };
    }),
  );
}

/** The SDK has no paginator for records: a page's end is a name, a type and a set identifier. */
async function* recordPages(client: Route53Client, zone: string) {
  let page = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone }));
  yield page;
  while (page.IsTruncated) {
    const { NextRecordName, NextRecordType, NextRecordIdentifier } = page;
    const from = {
      StartRecordName: NextRecordName,
      StartRecordType: NextRecordType,
      StartRecordIdentifier: NextRecordIdentifier,
    };
    page = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone, ...from }));
    yield page;
  }
}

const recordOf = (set: ResourceRecordSet): DnsRecord => ({
  name: withoutDot(set.Name!),
  type: set.Type!,
  values: (set.ResourceRecords ?? []).map(({ Value }) => withoutDot(Value!)),
  ...(set.AliasTarget && { alias: withoutDot(set.AliasTarget.DNSName!) }),
  ...(set.SetIdentifier && { setIdentifier: set.SetIdentifier, weight: set.Weight ?? 0 }),
});
