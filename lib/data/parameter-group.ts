import type { Duration, Size } from 'aws-cdk-lib';
import { type IInstanceEngine, ParameterGroup } from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';

/** The share of the storage that a replication slot may hold back as WAL before it is given up. */
const SLOT_SHARE = 0.25;

/** A connection that is silent for less may only be slow. */
const SILENCE_AT_LEAST_MILLIS = 2_000;

export interface ParametersProps {
  readonly engine: IInstanceEngine;
  /** At the start. */
  readonly storage: Size;
  /** How long the primary must have been out of reach before it counts as dead. */
  readonly detectAfter: Duration;
}

/** The parameters of the primary and of every replica. */
export function parameterGroup(
  scope: Construct,
  { engine, storage, detectAfter }: ParametersProps,
): ParameterGroup {
  const silence = String(Math.max(SILENCE_AT_LEAST_MILLIS, Math.floor(detectAfter.toMilliseconds() / 2)));
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
      // In milliseconds; both are in force without a reboot. A primary whose network is gone ends no connection: it
      // is PostgreSQL on the replica that gives it up after this silence, and as long as it has not, the failover
      // controller believes the replica that it still receives. Half of the time to detect is over before the
      // controller has made up its mind. In an idle hour they do no harm, as both sides ask for a sign of life after
      // half of it (PostgreSQL manual, "Replication").
      wal_receiver_timeout: silence,
      wal_sender_timeout: silence,
      // Slow statements, in milliseconds, are worth a line.
      log_min_duration_statement: '1000',
    },
  });
}
