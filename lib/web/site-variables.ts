import type { SiteEnvironmentVariables } from '../../app/environment';
import { readerNameOf, writerNameOf } from '../data/names';
import type { DataStack } from '../data-stack';
import { DATABASE_PORT } from '../network/security-groups';
import type { Settings } from '../settings';
import type { LoneServer } from './lone-server';
import { domainOf } from './site-record';
import { LOCAL_CACHE_URL, LOCAL_DATABASE_HOST, type UserDataProps } from './user-data';

/** What a lone server tells CloudWatch each minute (lib/web/boot-lone-server.sh). */
export const ANSWERS = { namespace: 'ScaleFromZero/Site', metric: 'Answers', dimension: 'Site' } as const;

/** The user of the operating system that runs the site, and its role in a database on the same server. */
const SITE_USER = 'site';

/** What the site is told, by the contract in app/environment.ts. What user data knows itself is left to it. */
export function siteVariables(settings: Settings, data: DataStack | undefined): SiteEnvironmentVariables {
  const common: SiteEnvironmentVariables = {
    SITE_NAME: settings.name,
    DATABASE_NAME: settings.database.databaseName,
  };
  if (!data) {
    return {
      ...common,
      DATABASE_WRITER_HOST: LOCAL_DATABASE_HOST,
      DATABASE_USER: SITE_USER,
      CACHE_URL: LOCAL_CACHE_URL,
    };
  }
  return {
    ...common,
    DATABASE_WRITER_HOST: writerNameOf(settings),
    DATABASE_READER_HOST: readerNameOf(settings),
    DATABASE_PORT: String(DATABASE_PORT),
    DATABASE_WRITER_SECRET_ARN: data.roles.secrets.writer.secretArn,
    DATABASE_READER_SECRET_ARN: data.roles.secrets.reader.secretArn,
  };
}

/** What the boot script does beside, on the one server of the first two stages. */
export function loneServerBoot(
  settings: Settings,
  { address, volume }: LoneServer,
  data: DataStack | undefined,
  https: boolean,
): NonNullable<UserDataProps['loneServer']> {
  const { databaseName } = settings.database;
  return {
    allocationId: address!.attrAllocationId,
    volumeId: volume.volumeId,
    proxy: { domain: https ? domainOf(settings) : undefined, acmeEmail: settings.server.acmeEmail },
    cache: data === undefined,
    metrics: ANSWERS.namespace,
    database: data
      ? {
          kind: 'remote',
          databaseName,
          writerHost: writerNameOf(settings),
          writerSecretArn: data.roles.secrets.writer.secretArn,
        }
      : { kind: 'local', databaseName },
  };
}
