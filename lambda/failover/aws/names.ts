/** The records of the writer's and the reader's name, in the private zone. */
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { TTL_MILLIS } from '../../../app/database/rotation';
import type { ReaderRecord, SeenNames } from '../observation';
import type { NamesPort } from '../ports';
import { clientLimits, once, patiently } from './call';

export interface Names {
  readonly writerName: string;
  readonly readerName: string;
}

export const route53Client = (region: string): Route53Client => new Route53Client(clientLimits(region));

export function namesFor(client: Route53Client, zoneId: string, names: Names): NamesPort {
  /** As they were read: who deletes a record must name all of it, its TTL too. */
  let known: readonly ResourceRecordSet[] = [];
  return {
    async read() {
      known = await recordsOf(client, zoneId, names);
      return seenNames(known, names);
    },
    async change(from, to) {
      const Changes = changesBetween(from, to, names, known);
      if (Changes.length === 0) return;
      const command = new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: { Changes } });
      await once('route53 ChangeResourceRecordSets', (options) => client.send(command, options));
    },
  };
}

/** One spelling a name. */
const plain = (name = '') => name.toLowerCase().replace(/\.$/, '');

/** Route 53 lists names by their labels from the right (API reference, ListResourceRecordSets). */
const order = (name: string) => plain(name).split('.').reverse().join('.');

/** All records of the two names, page by page; those between them, if any, are passed over. */
async function recordsOf(
  client: Route53Client,
  zoneId: string,
  { writerName, readerName }: Names,
): Promise<ResourceRecordSet[]> {
  const wanted = [plain(writerName), plain(readerName)];
  const [first, last] = wanted.map(order).sort() as [string, string];
  let start: Pick<ResourceRecordSet, 'Name' | 'Type' | 'SetIdentifier'> = {
    Name: wanted.find((name) => order(name) === first),
    Type: 'CNAME',
  };
  const found: ResourceRecordSet[] = [];
  for (;;) {
    const command = new ListResourceRecordSetsCommand({
      HostedZoneId: zoneId,
      StartRecordName: start.Name,
      StartRecordType: start.Type,
      StartRecordIdentifier: start.SetIdentifier,
    });
    const page = await patiently('route53 ListResourceRecordSets', (options) =>
      client.send(command, options),
    );
    found.push(
      ...(page.ResourceRecordSets ?? []).filter(
        ({ Name, Type }) => Type === 'CNAME' && wanted.includes(plain(Name)),
      ),
    );
    if (!page.IsTruncated || order(page.NextRecordName ?? '') > last) return found;
    start = {
      Name: page.NextRecordName,
      Type: page.NextRecordType,
      SetIdentifier: page.NextRecordIdentifier,
    };
  }
}

const targetOf = ({ ResourceRecords }: ResourceRecordSet) => plain(ResourceRecords?.[0]?.Value);

function seenNames(records: readonly ResourceRecordSet[], { writerName, readerName }: Names): SeenNames {
  const of = (name: string) => records.filter(({ Name }) => plain(Name) === plain(name));
  const [writer] = of(writerName);
  return {
    ...(writer && { writer: targetOf(writer) }),
    readers: of(readerName).map((record) => ({
      identifier: record.SetIdentifier ?? '',
      target: targetOf(record),
      weight: Number(record.Weight ?? 0),
    })),
  };
}

/**
 * The changes that turn `from` into `to`; none when they are the same.
 *
 * @param known records as they were read, for deletions; what is not among them is taken for one of ours
 */
export function changesBetween(
  from: SeenNames,
  to: SeenNames,
  { writerName, readerName }: Names,
  known: readonly ResourceRecordSet[] = [],
): Change[] {
  const writer = (target: string) => recordSet(writerName, target);
  const reader = ({ identifier, target, weight }: ReaderRecord) => ({
    ...recordSet(readerName, target),
    SetIdentifier: identifier,
    Weight: weight,
  });
  const upsert = (ResourceRecordSet: ResourceRecordSet): Change => ({ Action: 'UPSERT', ResourceRecordSet });
  const remove = (record: ResourceRecordSet): Change => ({
    Action: 'DELETE',
    ResourceRecordSet: known.find((one) => isSame(one, record)) ?? record,
  });
  const isIn = (readers: readonly ReaderRecord[], one: ReaderRecord) =>
    readers.some(
      ({ identifier, target, weight }) =>
        identifier === one.identifier && target === one.target && weight === one.weight,
    );
  const gone = from.readers.filter(
    ({ identifier }) => !to.readers.some((other) => other.identifier === identifier),
  );
  return [
    ...(from.writer !== undefined && to.writer === undefined ? [remove(writer(from.writer))] : []),
    ...(to.writer !== undefined && to.writer !== from.writer ? [upsert(writer(to.writer))] : []),
    ...gone.map((one) => remove(reader(one))),
    ...to.readers.filter((one) => !isIn(from.readers, one)).map((one) => upsert(reader(one))),
  ];
}

const recordSet = (name: string, target: string): ResourceRecordSet => ({
  Name: `${plain(name)}.`,
  Type: 'CNAME',
  TTL: TTL_MILLIS / 1_000,
  ResourceRecords: [{ Value: target }],
});

const isSame = (one: ResourceRecordSet, other: ResourceRecordSet) =>
  plain(one.Name) === plain(other.Name) &&
  one.SetIdentifier === other.SetIdentifier &&
  targetOf(one) === targetOf(other) &&
  Number(one.Weight ?? 0) === Number(other.Weight ?? 0);
