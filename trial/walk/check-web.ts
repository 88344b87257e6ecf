import type { Facts, Fleet, Server, Subnet } from './facts';
import { type Chain, type Claim, claim } from './link';

const ANYWHERE = new Set(['0.0.0.0/0', '::/0']);
/** The ports of a public web site. */
const PUBLIC_PORTS = new Set(['80', '443']);

/** Load balancer → listener → target group → healthy servers. @returns the servers' fleet */
export function followLoadBalancer(chain: Chain, facts: Facts, entrance: string): Fleet {
  const { loadBalancers, targetGroups, site } = facts;
  const known = loadBalancers.map(({ dnsName }) => dnsName).join(', ');
  const same = ({ dnsName }: { dnsName: string }) => dnsName.toLowerCase() === entrance.toLowerCase();
  const balancer = chain.need(
    loadBalancers.find(same),
    'load balancer',
    `one with the name ${entrance}`,
    known,
  );
  chain.add(
    'load balancer',
    [balancer.name],
    [
      claim(balancer.scheme === 'internet-facing', 'faces the internet', 'internet-facing', balancer.scheme),
      leadsTo('internet gateway', balancer.subnets, facts),
      admitsTheWorld(balancer.securityGroups, facts),
    ],
  );

  const [protocol, port] = site.url.startsWith('https:') ? ['HTTPS', 443] : ['HTTP', 80];
  const heard = balancer.listeners.map((one) => `${one.protocol}:${one.port}`).join(', ');
  const wanted = balancer.listeners.find((one) => one.protocol === protocol && one.port === port);
  const listener = chain.need(wanted, 'listener', `${protocol}:${port}`, heard);
  const [arn] = listener.forwardsTo;
  const forward = claim(
    arn !== undefined,
    'forwards to the target group',
    'a target group to forward to',
    'none',
  );
  chain.add(
    'listener',
    [`${protocol}:${port}`],
    protocol === 'HTTPS' ? [forward, ...secured(balancer)] : [forward],
  );

  const groups = targetGroups.map(({ name }) => name).join(', ');
  const group = chain.need(
    targetGroups.find((one) => one.arn === arn),
    'target group',
    arn ?? 'a target group',
    groups,
  );
  const ids = group.targets.map(({ id }) => id);
  chain.add(
    'target group',
    [group.name],
    [
      claim(
        ids.length > 0,
        `${ids.length} targets, port ${group.port}, ${group.healthPath}`,
        'targets',
        'none',
      ),
    ],
  );

  const servers = facts.servers.filter(({ id }) => ids.includes(id));
  const unhealthy = group.targets.filter(({ health }) => health !== 'healthy');
  const fleet = fleetOf(chain, facts, servers, 'web servers');
  chain.add('web servers', servers.map(shown), [
    claim(
      unhealthy.length === 0,
      'all of them healthy',
      'every target healthy',
      unhealthy.map(({ id, health }) => `${id} is ${health}`).join(', '),
    ),
    spread(servers, facts),
    ...privately(servers, facts),
    admitsOnly(securityGroupsOf(servers), balancer.securityGroups, 'the load balancer', facts),
  ]);
  return fleet;
}

function secured({ listeners }: Facts['loadBalancers'][number]): Claim[] {
  const https = listeners.find(({ protocol }) => protocol === 'HTTPS');
  const http = listeners.find(({ port }) => port === 80);
  return [
    claim((https?.certificates.length ?? 0) > 0, 'has a certificate', 'a certificate', 'none'),
    claim(
      http?.redirectsTo === 'HTTPS:443',
      'HTTP is redirected to HTTPS',
      'port 80 redirects to HTTPS:443',
      http?.redirectsTo ?? (http ? 'it answers itself' : 'nobody listens there'),
    ),
  ];
}

/** Fixed address → lone server → data volume. @returns the server's fleet of one */
export function followAddress(chain: Chain, facts: Facts, entrance: string): Fleet {
  const owned = facts.addresses.map(({ ip }) => ip).join(', ');
  const found = facts.addresses.find(({ ip }) => ip === entrance);
  const address = chain.need(found, 'fixed address', `an Elastic IP address ${entrance}`, owned);
  const claimants = facts.fleets.filter(({ userData }) => userData.includes(address.allocationId));
  const fleet = chain.need(
    claimants[0],
    'fixed address',
    `user data that claims ${address.allocationId}`,
    facts.fleets.map(({ name }) => `the one of ${name} does not`).join(', '),
  );
  chain.add('fixed address', [address.ip], [claim(true, `user data claims ${address.allocationId}`, '', '')]);

  const servers = facts.servers.filter(({ id }) => fleet.servers.includes(id));
  const running = servers.filter(({ state }) => state === 'running');
  chain.add('server', servers.map(shown), [
    claim(running.length === 1, 'one, running', 'one running server', `${running.length}`),
    leadsTo(
      'internet gateway',
      servers.map(({ subnet }) => subnet),
      facts,
    ),
    admitsTheWorld(securityGroupsOf(servers), facts),
  ]);

  const volumes = facts.volumes.filter(({ id }) => fleet.userData.includes(id));
  const named = fleet.userData.match(/vol-[0-9a-f]+/)?.[0];
  const volume = chain.need(volumes[0], 'data volume', 'a volume that user data names', named ?? '');
  chain.add(
    'data volume',
    [volume.id],
    [
      claim(true, `user data names it; ${volume.sizeGiB} GiB`, '', ''),
      claim(volume.encrypted, 'encrypted', 'an encrypted volume', 'one without encryption'),
    ],
  );
  return fleet;
}

const shown = ({ id, publicAddress }: Server) => (publicAddress ? `${id} (${publicAddress})` : id);

const securityGroupsOf = (servers: readonly Server[]) => [
  ...new Set(servers.flatMap(({ securityGroups }) => securityGroups)),
];

function fleetOf(chain: Chain, { fleets }: Facts, servers: readonly Server[], link: string): Fleet {
  const fleet = fleets.find(
    (one) => servers.length > 0 && servers.every(({ id }) => one.servers.includes(id)),
  );
  const known = fleets
    .map(({ name, servers: ids }) => `${name} has ${ids.join(' and ') || 'none'}`)
    .join('; ');
  return chain.need(fleet, link, 'an Auto Scaling group that the targets are the servers of', known);
}

/** Every one of the subnets leads there. */
export function leadsTo(where: Subnet['leadsTo'], ids: readonly string[], { subnets }: Facts): Claim {
  const ways = ids.map(
    (id) => `${id} leads to ${subnets.find((one) => one.id === id)?.leadsTo ?? 'an unknown place'}`,
  );
  const right = ids.length > 0 && ways.every((way) => way.endsWith(` leads to ${where}`));
  const evidence =
    where === 'internet gateway' ? 'in subnets that lead to the internet gateway' : 'in closed subnets';
  return claim(right, evidence, `subnets that lead to ${where}`, ways.join(', '));
}

function spread(servers: readonly Server[], { subnets }: Facts): Claim {
  const zones = new Set(servers.map(({ subnet }) => subnets.find(({ id }) => id === subnet)?.zone));
  const enough = zones.size >= Math.min(2, servers.length);
  const names = [...zones].join(', ');
  return claim(enough, `in ${zones.size} ${zones.size === 1 ? 'zone' : 'zones'}`, 'two zones or more', names);
}

function privately(servers: readonly Server[], { subnets }: Facts): Claim[] {
  const open = servers.filter(
    ({ subnet }) => !/NAT|nowhere/.test(subnets.find(({ id }) => id === subnet)?.leadsTo ?? ''),
  );
  const known = servers.filter(({ publicAddress }) => publicAddress);
  return [
    claim(
      open.length === 0,
      'in private subnets: no route to an internet gateway',
      'subnets without a route to an internet gateway',
      open.map(({ id, subnet }) => `${id} is in ${subnet}`).join(', '),
    ),
    claim(known.length === 0, 'no public address', 'no public address', known.map(shown).join(', ')),
  ];
}

function admitsTheWorld(groups: readonly string[], facts: Facts): Claim {
  const admitted = admissionsOf(groups, facts);
  const strange = admitted.filter(({ from, ports }) => !ANYWHERE.has(from) || !PUBLIC_PORTS.has(ports));
  const said = admitted.map(({ from, ports }) => `${from} on ${ports}`).join(', ');
  const right = admitted.length > 0 && strange.length === 0;
  const ports = [...new Set(admitted.map((one) => one.ports))].join(' and ');
  return claim(right, `admits everybody, on ${ports} only`, 'everybody admitted, on 80 and 443 only', said);
}

/** The groups admit `who` and nobody else. */
export function admitsOnly(
  groups: readonly string[],
  who: readonly string[],
  name: string,
  facts: Facts,
): Claim {
  const admitted = admissionsOf(groups, facts);
  const right = admitted.length > 0 && admitted.every(({ from }) => who.includes(from));
  const said = admitted.map(({ from, ports }) => `${from} on ${ports}`).join(', ');
  return claim(right, `admits only ${name}`, `only ${name} (${who.join(', ')}) admitted`, said);
}

export const admissionsOf = (groups: readonly string[], { securityGroups }: Facts) =>
  securityGroups.filter(({ id }) => groups.includes(id)).flatMap(({ admits }) => admits);
