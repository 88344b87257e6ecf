import type { Size } from 'aws-cdk-lib';
import { type IInstanceEngine, ParameterGroup } from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';

/** The share of the storage that a replication slot may hold back as WAL before it is given up. */
const SLOT_SHARE = 0.25;

/** The parameters of the primary and of every replica. */
export function parameterGroup(scope: Construct, engine: IInstanceEngine, storage: Size): ParameterGroup {
  return new ParameterGroup(scope, 'Parameters', {
    engine,
    description: 'Primary and replicas',
    parameters: {
      // Clients without TLS are refused.
      'rds.force_ssl': '1',
      // The slot from which recovery reads what no replica had received. Static: set from the start, as it would
      // otherwise need a reboot when a site grows.
      'rds.logical_replication': '1',
      // In MB. A slot that nobody reads can never fill the disk.
      max_slot_wal_keep_size: String(Math.floor(storage.toMebibytes() * SLOT_SHARE)),
      // Slow statements, in milliseconds, are worth a line.
      log_min_duration_statement: '1000',
    },
  });
}
