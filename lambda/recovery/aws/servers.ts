/** Sessions on the databases of RDS: by their own endpoints, with TLS verified against their own names. */
import type { DBInstance } from '@aws-sdk/client-rds';
import { checkServerIdentity } from 'node:tls';
import type { CredentialSource, Credentials } from '../../../app/database/credentials';
import { sqlState } from '../../../app/database/errors';
import type { RdsPort } from '../../failover/ports';
import { connect } from '../connect';
import { Problem } from '../problem';
import { LostConnection, type Session } from '../session';

export interface Access {
  readonly database: string;
  /** PEM of the authorities to trust. */
  readonly ca: string;
  /** Of the role recovery: as the secret is now, and as it was before the last rotation. */
  readonly current: CredentialSource;
  readonly previous: CredentialSource;
}

/** What is asked for: an instance of the journal, or one that a person has named. */
export type Wanted = { readonly resourceId: string } | { readonly identifier: string };

/** @throws CallFailed; Problem when there is no such instance, or it has no address */
export async function findInstance(rds: RdsPort, wanted: Wanted, role: string): Promise<DBInstance> {
  const all: DBInstance[] = [];
  let Marker: string | undefined;
  do {
    const page = await rds.call('DescribeDBInstances', Marker === undefined ? {} : { Marker });
    all.push(...(page.DBInstances ?? []));
    Marker = page.Marker;
  } while (Marker);
  const found = all.find(({ DbiResourceId, DBInstanceIdentifier }) =>
    'resourceId' in wanted
      ? DbiResourceId === wanted.resourceId
      : DBInstanceIdentifier === wanted.identifier.toLowerCase(),
  );
  const name = 'resourceId' in wanted ? wanted.resourceId : wanted.identifier;
  if (!found) {
    throw new Problem(
      'resourceId' in wanted
        ? `RDS does not show the ${role} (${name}). ${RESTORE}`
        : `RDS has no instance ${name} in this account and region: take an identifier as "aws rds describe-db-instances" lists it.`,
    );
  }
  if (!found.Endpoint?.Address) {
    throw new Problem(
      `The ${role}, ${found.DBInstanceIdentifier}, is ${found.DBInstanceStatus} and has no address yet: wait until it is available.`,
    );
  }
  return found;
}

const RESTORE =
  'If it is gone for good: restore its last snapshot, or its automated backups to the latest time, into the VPC with the security group of the quarantine, and plan with --from and the identifier of that.';

/**
 * @param role what it is, for people: `old primary`
 * @throws Problem when it cannot be reached or does not let the role in
 */
export async function open(
  { Endpoint, DBInstanceIdentifier: identifier, DBInstanceStatus: status }: DBInstance,
  access: Access,
  role: string,
  isReadOnly: boolean,
): Promise<Session> {
  const name = Endpoint!.Address!.replace(/\.$/, '');
  const server = {
    host: name,
    port: Endpoint!.Port ?? 5432,
    database: access.database,
    name: identifier,
    ssl: {
      ca: access.ca,
      minVersion: 'TLSv1.2' as const,
      rejectUnauthorized: true,
      // Said here, and not left to the driver: the certificate must bear the very name of the instance.
      checkServerIdentity: (_: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
        checkServerIdentity(name, certificate),
    },
  };
  const tried: Credentials[] = [];
  let refusal: unknown;
  for (const find of passwords(access, tried)) {
    const credentials = await find();
    if (!credentials || tried.some((one) => isSame(one, credentials))) continue;
    tried.push(credentials);
    try {
      return await connect({ ...server, ...credentials }, { isReadOnly });
    } catch (error) {
      refusal ??= error;
      if (sqlState(error) !== '28P01') throw problemOf(error, `${role} ${identifier} (${status})`);
    }
  }
  throw problemOf(refusal, `${role} ${identifier} (${status})`);
}

/**
 * What may let us in: the password as it was known, as it is now, and as it was before the last rotation, of which an old
 * primary may have heard nothing.
 */
const passwords = (
  { current, previous }: Access,
  tried: readonly Credentials[],
): (() => Promise<Credentials | undefined>)[] => [
  () => current.current(),
  () => current.renew(tried[0]!).then(current.current).catch(nothing),
  () => previous.current().catch(nothing),
];

const nothing = () => undefined;

const isSame = (one: Credentials, other: Credentials) =>
  one.user === other.user && one.password === other.password;

function problemOf(error: unknown, who: string): Error {
  const { message } = error as Error;
  const state = sqlState(error);
  const options = { cause: error };
  if (error instanceof LostConnection) {
    const remedy = who.startsWith('old')
      ? `Start or reboot it in RDS; only its quarantine and this function's security group may be between them. ${RESTORE}`
      : 'Begin again when it answers.';
    return new Problem(`The ${who} cannot be reached: ${message}. ${remedy}`, options);
  }
  if (state === '28P01') {
    return new Problem(
      `The ${who} lets the role recovery in neither with the password of its secret nor with the one before (${message}): it was changed more than once since. As its master user set it to what the secret has: alter role recovery password '…'.`,
      options,
    );
  }
  if (state === '3D000' || /^28/.test(state ?? '')) {
    return new Problem(
      `The ${who} does not let the role recovery in: ${message}. Is it a database of this site? Deploy the data stack once, which makes the role, or take the right instance.`,
      options,
    );
  }
  return error as Error;
}
