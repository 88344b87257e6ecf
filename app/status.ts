/** /healthz for the load balancer, /whoami for people. */
import { json } from './answer';
import type { Database, Outcome } from './database/database';
import { reason } from './database/errors';
import type { Session } from './database/host-pool';
import type { Route } from './router';

/** Which database answered. */
export interface DatabaseIdentity {
  /** The server's real name, as its certificate has it. */
  readonly host: string;
  /** The address the server itself was reached at; null over a unix socket. */
  readonly address: string | null;
  /** True: a replica. False: the primary. */
  readonly inRecovery: boolean;
}

export async function identify({ query, host }: Session): Promise<DatabaseIdentity> {
  const [row] = await query<{ address: string | null; recovery: boolean }>(
    'select host(inet_server_addr()) as address, pg_is_in_recovery() as recovery',
  );
  return { host, address: row?.address ?? null, inRecovery: row?.recovery ?? false };
}

const orError = (identity: Promise<Outcome<DatabaseIdentity>>) =>
  identity
    .then(({ value }) => value)
    .catch((error: unknown) => ({ error: `The database did not answer (${reason(error)})` }));

const NEVER_KEPT = { 'cache-control': 'no-store' };

export const statusRoutes = (
  database: Database,
  server: { readonly id: string; readonly zone?: string },
  isDraining: () => boolean,
): Route[] => [
  {
    path: '/healthz',
    methods: {
      /**
       * For the process, not for the database: when the database dies, every server would be
       * unhealthy at once, and the group would replace them all to no avail.
       */
      GET: () =>
        isDraining()
          ? json(503, { status: 'draining' }, NEVER_KEPT)
          : json(200, { status: 'ok' }, NEVER_KEPT),
    },
  },
  {
    path: '/whoami',
    methods: {
      async GET() {
        const [reader, writer] = await Promise.all([
          orError(database.read(identify)),
          orError(database.write(identify)),
        ]);
        return json(200, { server, reader, writer, counts: database.counts() }, NEVER_KEPT);
      },
    },
  },
];
