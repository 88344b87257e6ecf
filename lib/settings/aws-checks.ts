import type { Settings } from '../settings';
import { partsOf } from '../stage';
import { type Broken, when } from './broken';
import { classesLike, isClassOffered, isTypeOffered, POSTGRES_VERSIONS, typesLike } from './instance-types';

/** What AWS would refuse in a deployment, many minutes later: rules between settings that come from its services. */
export function awsChecks(settings: Settings): Broken[] {
  return [
    ...offerChecks(settings),
    ...versionChecks(settings),
    ...domainChecks(settings),
    ...portChecks(settings),
    ...tagChecks(settings),
  ];
}

/** Of a long list the first ones. */
const SHOWN = 8;

const some = (names: readonly string[], region: string): string =>
  names.length === 0
    ? `a size that ${region} has`
    : `${names.slice(0, SHOWN).join(', ')}${names.length > SHOWN ? ' …' : ''}`;

const NEWER = 'if AWS has it there by now: a newer cfn-lint in requirements.txt, npm test, npm run offers';

function offerChecks({ stage, region, web, database }: Settings): Broken[] {
  const { database: hasDatabase } = partsOf(stage);
  return [
    ...when(
      !isTypeOffered(web.instanceType, region),
      ['web.instanceType', 'region'],
      `a type that EC2 offers in ${region}: of the same size ${some(typesLike(web.instanceType, region), region)} (${NEWER})`,
    ),
    ...when(
      hasDatabase && !isClassOffered(database.instanceType, region),
      ['database.instanceType', 'region'],
      `a class that RDS offers for PostgreSQL in ${region}: of the same size ${some(classesLike(database.instanceType, region), region)} (${NEWER})`,
    ),
  ];
}

const minor = (version: string): number => Number(version.split('.')[1]);

/** A version that is newer than the table may be there by now, and is left to RDS. */
function versionChecks({ database: { engineVersion } }: Settings): Broken[] {
  const newest = POSTGRES_VERSIONS.at(-1)!;
  return when(
    engineVersion.includes('.') &&
      !POSTGRES_VERSIONS.includes(engineVersion) &&
      minor(engineVersion) <= minor(newest),
    ['database.engineVersion'],
    `"17", or a version that RDS has: ${POSTGRES_VERSIONS.join(', ')}`,
  );
}

/** The first name of a certificate (ACM guide, "Certificate characteristics": 64 octets with its dots). */
const CERTIFICATE_NAME_AT_MOST = 64;
/** RFC 1035, section 2.3.4, without the dot at the end. */
const DOMAIN_AT_MOST = 253;

/** At every stage, as the name is to last: the lone server's certificate authority would take a longer one. */
function domainChecks({ site: { zoneName, recordName, https } }: Settings): Broken[] {
  if (zoneName === undefined) return [];
  const { length } = recordName ? `${recordName}.${zoneName}` : zoneName;
  const most = https ? CERTIFICATE_NAME_AT_MOST : DOMAIN_AT_MOST;
  return when(
    length > most,
    ['site.recordName', 'site.zoneName', 'site.https'],
    https
      ? `a name of at most ${most} characters together with the domain, here ${length}, as ACM puts no longer one into a certificate`
      : `a name of at most ${most} characters together with the domain, here ${length}`,
  );
}

/** What Valkey listens on, on the one server of the first stage (lib/web/boot-lone-server.sh). */
const CACHE_PORT = 6379;

const portChecks = ({ stage, web }: Settings): Broken[] =>
  when(
    partsOf(stage).localDatabase && web.port === CACHE_PORT,
    ['web.port', 'stage'],
    `another port than ${CACHE_PORT} at ${stage}: the cache on the same server listens there`,
  );

/**
 * Each tag stands on every resource, of which the stack of the databases has some 150 with 15 replicas, where the rest
 * of the template takes 360 kB; CloudFormation takes templates of up to 1 MB (CloudFormation guide, "Understand
 * CloudFormation quotas").
 */
const TEXT_OF_TAGS_AT_MOST = 2_400;

/** IAM tells tags apart without regard to case (IAM guide, "Tags for IAM resources"), and every stage has roles. */
function tagChecks({ tags }: Settings): Broken[] {
  const seen = new Map<string, string>();
  const alike = Object.keys(tags).flatMap((name) => {
    const other = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), name);
    return when(
      other !== undefined,
      [`tags.${name}`],
      `a name that differs from "${other}" by more than capitals, as IAM takes both for the same`,
    );
  });
  const { length } = Object.entries(tags).flat().join('');
  return [
    ...alike,
    ...when(
      length > TEXT_OF_TAGS_AT_MOST,
      ['tags'],
      `names and values of at most ${TEXT_OF_TAGS_AT_MOST} characters together, here ${length}, as each stands on every resource`,
    ),
  ];
}
