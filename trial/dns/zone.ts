/** Hosted zones as the DNS server sees them, and how they are read from Route 53. */
import {
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
  paginateListHostedZones,
} from '@aws-sdk/client-route-53';
import { type Target, clientConfig } from '../target';
import { collect } from '../walk/collect';

/** One record set. Names are in lower case and without the final dot. */
export interface ZoneRecord {
  readonly name: string;
  /** `A`, `CNAME`, … */
  readonly type: string;
  /** Seconds; 0 for an alias, which has its target's. */
  readonly ttl: number;
  /** As Route 53 writes them: `10 mail.mysite.com`, `"text"`. */
  readonly values: readonly string[];
  /** Name that an alias stands for. */
  readonly alias?: string;
  /** 0 to 255 when the set is one of a weighted group. */
  readonly weight?: number;
}

export interface Zone {
  readonly name: string;
  readonly isPrivate: boolean;
  readonly records: readonly ZoneRecord[];
}

/** @throws when Route 53 does not answer */
export type ReadZones = () => Promise<readonly Zone[]>;

/** DNS names know no case, and a final dot says only that nothing follows. */
export const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/**
 * Route 53 writes what is no letter, digit, hyphen, underscore or dot as an octal escape: `\052` is `*`.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
 */
const unescaped = (name: string): string =>
  name.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));

/** Reads all zones with all their records, each time anew. */
export function zonesOf(target: Target): ReadZones {
  const client = new Route53Client(clientConfig(target));
  return () => readZones(client);
}

async function readZones(client: Route53Client): Promise<Zone[]> {
  const zones = await collect(paginateListHostedZones({ client }, {}), (page) => page.HostedZones);
  return Promise.all(
    zones.map(async ({ Id, Name, Config }) => {
      const id = Id!.replace('/hostedzone/', '');
      const sets = await collect(recordPages(client, id), (page) => page.ResourceRecordSets);
      const isPrivate = Config?.PrivateZone ?? false;
      return { name: plainName(Name!), isPrivate, records: sets.map(recordOf) };
    }),
  );
}

/** The SDK has no paginator for records: a page's end is a name, a type and a set identifier. */
async function* recordPages(client: Route53Client, zone: string) {
  let page = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone }));
  yield page;
  while (page.IsTruncated) {
    const from = {
      StartRecordName: page.NextRecordName,
      StartRecordType: page.NextRecordType,
      StartRecordIdentifier: page.NextRecordIdentifier,
    };
    page = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone, ...from }));
    yield page;
  }
}

export const recordOf = (set: ResourceRecordSet): ZoneRecord => ({
  name: plainName(unescaped(set.Name!)),
  type: set.Type!,
  ttl: set.TTL ?? 0,
  values: (set.ResourceRecords ?? []).map(({ Value }) => Value!),
  ...(set.AliasTarget && { alias: plainName(set.AliasTarget.DNSName!) }),
  ...(set.SetIdentifier !== undefined && { weight: set.Weight ?? 0 }),
});
