import type { Boot } from './boot-header';

/** What the trial knows of a server that its user data does not say. */
export interface ServerFacts {
  readonly id: string;
  readonly zone: string;
  /** Certificate authority of the trial's databases, PEM. */
  readonly caFile: string;
  /** Where the database is that the stage single-server has on the server itself. */
  readonly localDatabase?: LocalDatabase;
}

export interface LocalDatabase {
  /** A loopback address: a lone server's site speaks to it without TLS. */
  readonly host: string;
  readonly port: number;
  /** Role that needs no password. */
  readonly user: string;
}

/** A folder instead of a name: PostgreSQL on the server, as at the stage single-server. */
export const usesLocalDatabase = ({ environment }: Boot): boolean =>
  environment['DATABASE_WRITER_HOST']?.startsWith('/') ?? false;

/**
 * What the site's process gets: the environment of the launch template, as boot.sh would write it, with what only the
 * server knows; and of the rest what lies elsewhere on this machine.
 */
export function serverVariables(
  boot: Boot,
  { id, zone, caFile, localDatabase }: ServerFacts,
): Record<string, string> {
  const { environment } = boot;
  return {
    ...environment,
    ...('DATABASE_CA_FILE' in environment && { DATABASE_CA_FILE: caFile }),
    ...(localDatabase &&
      usesLocalDatabase(boot) && {
        DATABASE_WRITER_HOST: localDatabase.host,
        DATABASE_PORT: String(localDatabase.port),
        DATABASE_USER: localDatabase.user,
      }),
    SERVER_ID: id,
    SERVER_ZONE: zone,
  };
}
