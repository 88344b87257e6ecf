import { type Parts, partsOf, STAGES, type Stage } from '../../lib/stage';
import { followData } from './check-data';
import { followAddress, followLoadBalancer } from './check-web';
import type { DnsRecord, Facts } from './facts';
import { Chain, type Link, claim } from './link';

/** What the templates say that the target must show. */
export interface Expected {
  /** Identifiers of the read replicas. */
  readonly replicas: readonly string[];
}

/** Follows a request from the site's name to the databases, judging each link by the facts alone. */
export function check(facts: Facts, expected: Expected): readonly Link[] {
  const chain = new Chain();
  return chain.follow(() => {
    const parts = partsOf(stageOf(chain, facts));
    const entrance = followName(chain, facts, parts);
    const fleet = parts.loadBalancer
      ? followLoadBalancer(chain, facts, entrance)
      : followAddress(chain, facts, entrance);
    if (parts.database) followData(chain, facts, fleet, expected);
  });
}

function stageOf(chain: Chain, { site }: Facts): Stage {
  const stage = STAGES.find((known) => known === site.stage);
  return chain.need(stage, 'stage', `one of ${STAGES.join(', ')}`, site.stage);
}

/** @returns where the site's name leads: the load balancer's DNS name, or the address of the lone server */
function followName(chain: Chain, { site, zones }: Facts, parts: Parts): string {
  const host = new URL(site.url).hostname;
  const zone = zones
    .filter(({ name, isPrivate }) => !isPrivate && (host === name || host.endsWith(`.${name}`)))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
  if (!zone && isAwsName(host)) {
    chain.add('name', [host], [claim(true, 'the settings name no domain', '', '')]);
    return host;
  }
  const names = zones.map(({ name }) => name).join(', ');
  const found = chain.need(zone, 'name', `a public hosted zone for ${host}`, names);
  const records = found.records.filter(({ name, type }) => name === host && /^(A|AAAA|CNAME)$/.test(type));
  const record = records.find(({ type }) => type === 'A');
  const shown = records.map(describe).join('; ');
  const present = chain.need(record, 'name', `an A record for ${host} in the zone ${found.name}`, shown);
  chain.add('name', [host], [claim(true, `one A record in the public zone ${found.name}`, '', '')]);

  if (parts.loadBalancer) {
    const alias = chain.need(present.alias, 'alias', 'an alias to the load balancer', describe(present));
    const address = alias.replace(/^dualstack\./, '');
    chain.add('alias', [alias], [claim(true, 'an alias: no address is written down', '', '')]);
    return address;
  }
  const [address] = present.values;
  const value = chain.need(address, 'address record', 'the fixed address of the server', describe(present));
  const alone = claim(present.values.length === 1, 'one address', 'one address', present.values.join(', '));
  chain.add('address record', [value], [alone]);
  return value;
}

const isAwsName = (host: string) => /\.elb\.|\.elb$|^\d+(\.\d+){3}$/.test(host);

const describe = ({ name, type, values, alias }: DnsRecord) =>
  `${name} ${type} ${alias ? `alias of ${alias}` : values.join(', ')}`;
