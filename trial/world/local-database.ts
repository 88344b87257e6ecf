import type { PostgresPlane } from '../postgres/plane';
import type { LocalDatabase } from '../servers/variables';

/** What stands for the PostgreSQL on the lone server itself: its data are kept as the server's data volume keeps them. */
const RESOURCE_ID = 'db-ONTHELONESERVER';
const USER = 'site';
const PORT = 5432;

/** In place of a security group: only servers of the trial reach it. */
export const LOCAL_GROUP = 'on-the-server';

/**
 * On AWS the site signs in by its operating system's user; here by a password that libpq's own variable carries
 * (https://www.postgresql.org/docs/17/libpq-envars.html). It opens this database only, on the loopback interface.
 */
export const LOCAL_PASSWORD_VARIABLES = { PGPASSWORD: 'trial-on-the-server' };

/** The database of the stage single-server, made when a server first asks for it. */
export const localDatabase =
  (plane: PostgresPlane) =>
  async (databaseName: string): Promise<LocalDatabase> => {
    if (!(await plane.known()).includes(RESOURCE_ID)) {
      await plane.create({
        resourceId: RESOURCE_ID,
        endpoint: { name: 'database.on-the-server', port: PORT },
        master: { username: USER, password: LOCAL_PASSWORD_VARIABLES.PGPASSWORD },
        databaseName,
        securityGroupIds: [LOCAL_GROUP],
        // As on the server itself, where the site comes by a socket.
        parameters: { 'rds.force_ssl': '0' },
        archiveWal: false,
      });
    } else if (!plane.isRunning(RESOURCE_ID)) {
      await plane.start(RESOURCE_ID);
    }
    return { host: plane.addressOf(RESOURCE_ID)!.address, port: PORT, user: USER };
  };
