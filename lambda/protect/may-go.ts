/** Whether the site may be deleted: asked before anything of it is gone. */
import type { Log } from '../../app/log';

/** As RDS shows it. */
export interface Instance {
  readonly DBInstanceStatus?: string;
  /** Absent: it follows nobody. */
  readonly ReadReplicaSourceDBInstanceIdentifier?: string;
}

export interface MayGoPorts {
  /** Rejects with the error of the SDK. */
  readonly describe: (identifier: string) => Promise<Instance | undefined>;
  readonly log: Log;
}

/**
 * Refuses while one of the names of replicas is that of a primary, after a failover: CloudFormation would delete it as a
 * replica.
 *
 * The data stack refuses as well, and by what the controller knows (lambda/failover/remove.ts), but by then the servers are
 * gone. So what cannot be known here keeps nobody from deleting.
 *
 * @param replicas identifiers, as the template has them
 * @throws Error with the way out
 */
export async function mayGo(replicas: readonly string[], { describe, log }: MayGoPorts): Promise<void> {
  for (const identifier of replicas) {
    const instance = await describe(identifier).catch((error: unknown) => {
      log.warn('whether it is a replica is not known', { identifier, error });
      return undefined;
    });
    if (!instance || instance.DBInstanceStatus === 'deleting') continue;
    if (instance.ReadReplicaSourceDBInstanceIdentifier) continue;
    throw new Error(
      `A primary is called ${identifier}, and would be deleted as a replica, without a snapshot: ` +
        'give it its usual name first (npm run failover -- names), then delete the stack again',
    );
  }
}
