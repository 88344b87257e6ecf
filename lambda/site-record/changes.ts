/** Which changes of a zone take a name over, and which give it back. */
import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { SiteRecordProperties } from './properties';

/** What leads a client to an address. Other types of the same name, such as MX and TXT, are nobody's business here. */
const LEADING = ['A', 'AAAA', 'CNAME'];

/** The record that the template asks for. */
export function wantedRecord({ Name, Alias, Address }: SiteRecordProperties): ResourceRecordSet {
  if (Alias) return { Name, Type: 'A', AliasTarget: { ...Alias, EvaluateTargetHealth: false } };
  if (Address) {
    const { Value, Seconds } = Address;
    return { Name, Type: 'A', TTL: Number(Seconds), ResourceRecords: [{ Value }] };
  }
  throw new Error(`the record ${Name} has neither an alias nor an address`);
}

/** @returns the records at a name that lead a client to an address */
export const leading = (all: readonly ResourceRecordSet[], name: string): ResourceRecordSet[] =>
  all.filter((record) => sameName(record.Name, name) && LEADING.includes(record.Type ?? ''));

/**
 * The name leads to the site, and to nothing else. Route 53 carries out all changes of a batch or none
 * (ChangeResourceRecordSets), so that the name has an answer at every moment.
 *
 * @param present what is there, of {@link leading}
 */
export function takeOver(wanted: ResourceRecordSet, present: readonly ResourceRecordSet[]): Change[] {
  return [
    ...present.filter((record) => !isReplaced(record)).map(deletionOf),
    { Action: 'UPSERT', ResourceRecordSet: wanted },
  ];
}

/**
 * Takes the site's record away, and puts back what was there before.
 *
 * @param before empty: nothing was there
 * @returns no change when the name leads elsewhere by now: somebody else has it
 */
export function giveBack(
  wanted: ResourceRecordSet,
  present: readonly ResourceRecordSet[],
  before: readonly ResourceRecordSet[],
): Change[] {
  const ours = present.find((record) => leadsAlike(record, wanted));
  if (!ours) return [];
  return [
    deletionOf(ours),
    ...before.map((record): Change => ({ Action: 'CREATE', ResourceRecordSet: record })),
  ];
}

/** @returns whether two records are of the same name and lead to the same place */
export function leadsAlike(one: ResourceRecordSet, other: ResourceRecordSet): boolean {
  return key(one) === key(other);
}

const key = ({ Name, Type, SetIdentifier, AliasTarget, ResourceRecords = [] }: ResourceRecordSet): string =>
  [
    host(Name),
    Type,
    SetIdentifier ?? '',
    AliasTarget ? host(AliasTarget.DNSName) : ResourceRecords.map(({ Value }) => Value).sort(),
  ].join(' ');

/** An UPSERT replaces the record of the same name, type and set identifier; the site's has none. */
const isReplaced = ({ Type, SetIdentifier }: ResourceRecordSet): boolean =>
  Type === 'A' && SetIdentifier === undefined;

export const sameName = (one: string | undefined, other: string): boolean => host(one) === host(other);

const deletionOf = (record: ResourceRecordSet): Change => ({ Action: 'DELETE', ResourceRecordSet: record });

/** Route 53 ends names with a dot, and writes them in lower case. */
const host = (name = ''): string => name.toLowerCase().replace(/\.$/, '');
