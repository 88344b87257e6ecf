import type { SiteEnvironmentName } from '../../app/environment';
import type { Expected } from './check';
import { admissionsOf, leadsTo } from './check-web';
import type { Database, DnsRecord, Facts, Fleet } from './facts';
import { type Chain, type Claim, claim } from './link';

/** What PostgreSQL listens on. */
const PORT = '5432';

/** Secrets → writer name → primary → reader name → replicas. */
export function followData(chain: Chain, facts: Facts, fleet: Fleet, expected: Expected): void {
  const { databases } = facts;
  const primary = followWriter(chain, facts, fleet);
  const replicas = databases.filter(({ source }) => source === primary.id);
  const present = replicas.map(({ id }) => id).toSorted();

  followReader(chain, facts, fleet, primary, replicas);
  if (expected.replicas.length === 0 && present.length === 0) return;
  const names = (ids: readonly string[]) => ids.join(', ');
  chain.add('replicas', present, [
    claim(
      names(present) === names(expected.replicas.toSorted()),
      `all of them replicate ${primary.id}`,
      `${names(expected.replicas)} replicating ${primary.id}`,
      names(present),
    ),
    ...sound(replicas, facts),
    claim(
      replicas.every((replica) => place(replica) === place(primary)),
      'same subnets and security groups as the primary',
      `subnets and security groups of ${primary.id}: ${place(primary)}`,
      replicas.map((replica) => `${replica.id}: ${place(replica)}`).join('; '),
    ),
  ]);
}

/** @returns the database that the writer name leads to */
function followWriter(chain: Chain, facts: Facts, fleet: Fleet): Database {
  const roles = [
    { role: 'app_writer', arn: valueIn(fleet, 'DATABASE_WRITER_SECRET_ARN') },
    { role: 'app_reader', arn: valueIn(fleet, 'DATABASE_READER_SECRET_ARN') },
  ].map((one) => ({ ...one, secret: facts.secrets.find(({ arn }) => arn === one.arn) }));

  const name = chain.need(
    valueIn(fleet, 'DATABASE_WRITER_HOST'),
    'writer name',
    'a DATABASE_WRITER_HOST',
    '',
  );
  const records = recordsOf(facts, name);
  const endpoint = records[0]?.values[0];
  const target = facts.databases.find((one) => one.endpoint === endpoint);
  const endpoints = facts.databases.map((one) => one.endpoint).join(', ');

  chain.add(
    'secrets',
    roles.map(({ role, secret, arn }) => secret?.username ?? arn ?? role),
    [
      ...roles.map(({ role, arn, secret }) =>
        claim(
          secret?.username === role,
          `user data names the secret of ${role}`,
          `a secret of ${role} that user data names`,
          secret ? `${arn} is for ${secret.username}` : `${arn} does not exist`,
        ),
      ),
      claim(
        roles.every(({ secret }) =>
          facts.databases.some((one) => !one.source && one.endpoint === secret?.host),
        ),
        'they are attached to the primary',
        'secrets attached to the primary',
        roles.map(({ role, secret }) => `${role} to ${secret?.host ?? 'nothing'}`).join(', '),
      ),
    ],
  );

  const one = claim(records.length === 1, 'one CNAME in the private zone', 'one CNAME', `${records.length}`);
  const link = [name];
  chain.need(endpoint, 'writer name', `a CNAME ${name} in a private zone`, '');
  const primary = chain.need(
    target,
    'writer name',
    `the endpoint of a database (${endpoints})`,
    endpoint ?? '',
  );
  chain.add('writer name', link, [one, claim(true, `it is the endpoint of ${primary.id}`, '', '')]);
  chain.add(
    'primary',
    [primary.id],
    [
      claim(!primary.source, 'replicates nobody', 'a primary', `a replica of ${primary.source}`),
      ...sound([primary], facts),
      admitsWeb(primary, facts, fleet),
    ],
  );
  return primary;
}

function followReader(
  chain: Chain,
  facts: Facts,
  fleet: Fleet,
  primary: Database,
  replicas: readonly Database[],
): void {
  const name = chain.need(
    valueIn(fleet, 'DATABASE_READER_HOST'),
    'reader name',
    'a DATABASE_READER_HOST',
    '',
  );
  const records = recordsOf(facts, name);
  const asked = records.filter(({ weight }) => weight !== 0);
  // A group in which every weight is zero is answered evenly: then the primary is asked.
  const serving = asked.length > 0 ? asked : records;
  const readers = replicas.length > 0 ? replicas : [primary];
  const said = serving.map(({ setIdentifier, values }) => `${setIdentifier} = ${values.join(', ')}`);
  const leads = ({ setIdentifier, values }: DnsRecord) =>
    readers.some(({ id, endpoint }) => id === setIdentifier && values.length === 1 && values[0] === endpoint);
  const weights = new Set(asked.map(({ weight }) => weight));
  chain.add(
    'reader name',
    [name],
    [
      claim(
        serving.length === readers.length && serving.every(leads),
        replicas.length > 0
          ? 'a weighted CNAME for each replica'
          : 'it leads to the primary, as there is no replica',
        readers.map(({ id, endpoint }) => `${id} = ${endpoint}`).join('; '),
        said.join('; '),
      ),
      claim(weights.size <= 1, 'all of one weight', 'one weight for all', [...weights].join(', ')),
    ],
  );
}

/** The value that user data gives a variable of the site. */
function valueIn({ userData }: Fleet, variable: SiteEnvironmentName): string | undefined {
  return userData.match(new RegExp(`\\b${variable}=([^'"\\s)]+)`))?.[1];
}

const recordsOf = ({ zones }: Facts, name: string) =>
  zones
    .filter(({ isPrivate }) => isPrivate)
    .flatMap(({ records }) => records)
    .filter((record) => record.name === name && record.type === 'CNAME');

/** What holds for every database. */
function sound(databases: readonly Database[], facts: Facts): Claim[] {
  const all = (holds: (database: Database) => boolean, evidence: string, expected: string, found: string) =>
    claim(
      databases.every(holds),
      evidence,
      expected,
      `${ids(databases.filter((one) => !holds(one)))} ${found}`,
    );
  const states = databases.map(({ id, status }) => `${id} is ${status}`).join(', ');
  return [
    claim(
      databases.every(({ status }) => status === 'available'),
      'available',
      'available',
      states,
    ),
    all(({ encrypted }) => encrypted, 'encrypted', 'encrypted storage', 'without encryption'),
    all(({ isPublic }) => !isPublic, 'not public', 'no public access', 'with public access'),
    leadsTo(
      'nowhere',
      databases.flatMap(({ subnets }) => subnets),
      facts,
    ),
  ];
}

function admitsWeb({ securityGroups }: Database, facts: Facts, fleet: Fleet): Claim {
  const admitted = admissionsOf(securityGroups, facts);
  const web = facts.servers
    .filter(({ id }) => fleet.servers.includes(id))
    .flatMap((one) => one.securityGroups);
  const known = admitted.every(({ from, ports }) => from.startsWith('sg-') && ports === PORT);
  return claim(
    known && admitted.some(({ from }) => web.includes(from)),
    `admits the web servers on ${PORT}, and no address`,
    `the web servers' group (${web.join(', ')}) admitted on ${PORT}, and no address`,
    admitted.map(({ from, ports }) => `${from} on ${ports}`).join(', '),
  );
}

const ids = (databases: readonly Database[]) => databases.map(({ id }) => id).join(', ');

const place = ({ subnets, securityGroups }: Database) =>
  `${subnets.toSorted().join(' ')} / ${securityGroups.toSorted().join(' ')}`;
