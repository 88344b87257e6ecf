/** What the DNS server answers: a pure function of the question and what is known. */
import type { Answer } from 'dns-packet';
import { wireRecord } from './record-data';
import { type Random, weighted } from './weighted';
import { type Zone, type ZoneRecord, plainName } from './zone';

/** Where a name of AWS's own leads in the trial. */
export interface NamedAddress {
  readonly address: string;
  /** Seconds. */
  readonly ttl?: number;
}

export interface Knowledge {
  readonly zones: readonly Zone[];
  /** Names that no hosted zone has: of RDS endpoints and load balancers. */
  readonly names: ReadonlyMap<string, NamedAddress>;
  /** Address on this machine of an address in the templates, such as a server's public one. @default - the same */
  readonly addressOf?: (address: string) => string | undefined;
}

export interface Reply {
  readonly code: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL';
  readonly answers: readonly Answer[];
  /** The zone's SOA when the name or the type does not exist, as RFC 2308 wants it. */
  readonly authorities: readonly Answer[];
  /** Name at the end of the answers that the trial knows nothing about: somebody else's. */
  readonly outside?: string;
}

/** A chain of aliases longer than this is a loop. */
const LONGEST_CHAIN = 16;

/** Of RDS endpoints (as answered by AWS; not documented), and of whatever gives none. */
const TTL_SECONDS = 5;

/**
 * @param name as asked, in any case
 * @param type `A`, `CNAME`, …
 */
export const answer = (name: string, type: string, knowledge: Knowledge, random: Random): Reply =>
  chain(name, type, knowledge, random, LONGEST_CHAIN);

function chain(name: string, type: string, knowledge: Knowledge, random: Random, steps: number): Reply {
  const answers: Answer[] = [];
  let current = plainName(name);
  for (let left = steps; left > 0; left--) {
    const found = look(current, type, knowledge, random, left);
    if (!found.next) return { ...found, answers: [...answers, ...found.answers] };
    answers.push(...found.answers);
    current = found.next;
  }
  return { code: 'SERVFAIL', answers: [], authorities: [] };
}

type Found = Reply & { readonly next?: string };

/** One step; `next` is the name that a CNAME leads to. */
function look(name: string, type: string, knowledge: Knowledge, random: Random, steps: number): Found {
  const named = knowledge.names.get(name);
  if (named) {
    const { address, ttl = TTL_SECONDS } = named;
    return reply(type === 'A' ? [{ name, type: 'A', ttl, data: address }] : []);
  }
  const zone = zoneOf(name, knowledge.zones);
  // AWS's own names are never looked for outside: an endpoint that is gone must be gone.
  if (!zone) return isAws(name) ? reply([], [], 'NXDOMAIN') : { ...reply([]), outside: name };

  const records = recordsAt(name, zone);
  if (!records) return reply([], soaOf(zone), 'NXDOMAIN');
  const wanted = oneOfGroup(records, type, random) ?? oneOfGroup(records, 'CNAME', random);
  if (!wanted) return reply([], soaOf(zone));
  if (wanted.alias) {
    // Route 53 puts "dualstack." before a load balancer's name; the load balancer answers to both.
    const target = knowledge.names.has(wanted.alias)
      ? wanted.alias
      : wanted.alias.replace(/^dualstack\./, '');
    return underName(name, type, chain(target, type, knowledge, random, steps - 1));
  }

  const { ttl, values } = wanted;
  const made = values.flatMap((value) => {
    const local = (wanted.type === 'A' && knowledge.addressOf?.(value)) || value;
    return wireRecord(name, wanted.type, ttl, local) ?? [];
  });
  const next = wanted.type === 'CNAME' && type !== 'CNAME' ? plainName(values[0]!) : undefined;
  return { ...reply(made), next };
}

/** An alias shows its target's records under its own name, and no CNAME. */
function underName(name: string, type: string, { code, answers, outside }: Reply): Found {
  const own = answers.filter((one) => one.type === type).map((one) => ({ ...one, name }) as Answer);
  return { ...reply(own, [], code), ...(outside !== undefined && { outside }) };
}

const reply = (answers: Answer[], authorities: Answer[] = [], code: Reply['code'] = 'NOERROR'): Reply => ({
  code,
  answers,
  authorities,
});

const isAws = (name: string) => /(^|\.)amazonaws\.com(\.cn)?$/.test(name);

const isWithin = (name: string, zone: string) => name === zone || name.endsWith(`.${zone}`);

/**
 * The most specific zone; a private one before any public, even if it does not have the name.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
 */
function zoneOf(name: string, zones: readonly Zone[]): Zone | undefined {
  const candidates = zones.filter((zone) => isWithin(name, zone.name));
  candidates.sort((a, b) => Number(b.isPrivate) - Number(a.isPrivate) || b.name.length - a.name.length);
  return candidates[0];
}

/** Records of the name, or of the `*` that stands for it; undefined when there is no such name. */
function recordsAt(name: string, { name: origin, records }: Zone): readonly ZoneRecord[] | undefined {
  const at = (wanted: string) => records.filter((record) => record.name === wanted);
  const exists = (wanted: string) => records.some((record) => isWithin(record.name, wanted));
  if (exists(name)) return at(name);
  for (let parent = name; parent !== origin;) {
    parent = parent.slice(parent.indexOf('.') + 1);
    const wildcard = at(`*.${parent}`);
    if (wildcard.length > 0) return wildcard;
    if (exists(parent)) return undefined; // a name in between hides the wildcards above it (RFC 4592)
  }
  return undefined;
}

function oneOfGroup(records: readonly ZoneRecord[], type: string, random: Random): ZoneRecord | undefined {
  const sets = records.filter((record) => record.type === type);
  return sets.length > 1 ? weighted(sets, random) : sets[0];
}

function soaOf({ name, records }: Zone): Answer[] {
  const soa = records.find((record) => record.type === 'SOA');
  if (!soa) return [];
  return soa.values.flatMap((value) => wireRecord(name, 'SOA', soa.ttl, value) ?? []);
}
