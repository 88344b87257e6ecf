/** Turns the deletion protection of the primary and of the load balancer on or off. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../../app/log';
import type { ProtectProperties } from './properties';

export interface ProtectPorts {
  /** Each rejects with the error of the SDK. */
  readonly protectDatabase: (identifier: string, on: boolean) => Promise<void>;
  readonly protectLoadBalancer: (arn: string, on: boolean) => Promise<void>;
  readonly log: Log;
  /** @default the real one */
  readonly sleep?: (milliseconds: number) => Promise<unknown>;
}

/** Between two tries of what RDS is not ready for. */
const PAUSE_MILLIS = 10_000;

/**
 * @param tries how often RDS is asked while the primary is in the middle of something else
 * @throws Error of the service that refused. What had been protected by this call is not any more then: CloudFormation
 *   goes back to what was before
 */
export async function protect(
  { Protected, Database, LoadBalancer }: ProtectProperties,
  ports: ProtectPorts,
  tries: number,
): Promise<void> {
  const on = Protected === 'true';
  const isDone = await database(Database, on, ports, tries);
  if (LoadBalancer === undefined) return;
  try {
    await ports.protectLoadBalancer(LoadBalancer, on);
  } catch (error) {
    if (isDone && on) await database(Database, false, ports, 1);
    throw error;
  }
}

/** @returns whether there is such a database */
async function database(
  identifier: string,
  on: boolean,
  { protectDatabase, log, sleep = wait }: ProtectPorts,
  tries: number,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await protectDatabase(identifier, on);
      return true;
    } catch (error) {
      const { name } = error as Error;
      if (/^DBInstanceNotFound/.test(name)) {
        // After a failover it may have no usual name for days; the failover controller protects who was promoted.
        log.warn('there is no such database', { identifier });
        return false;
      }
      if (!/^InvalidDBInstanceState/.test(name) || attempt >= tries) throw error;
      log.info('the database is not ready', { identifier, error });
      await sleep(PAUSE_MILLIS);
    }
  }
}
