/** What a run takes from outside, as it is on AWS. */
import { readFileSync } from 'node:fs';
import { fromSecret, secretsManager } from '../../../app/database/credentials';
import { createLog, type Log } from '../../../app/log';
import { patiently } from '../../failover/aws/call';
import { dynamoDb, putCommand, readGroup } from '../../failover/aws/journal-items';
import { notifierFor, snsClient } from '../../failover/aws/notify';
import { rdsClient, rdsFor } from '../../failover/aws/rds';
import type { Notice } from '../../failover/decision';
import { failoverLog } from '../../failover/log';
import type { Command, RdsPort, Stored } from '../../failover/ports';
import type { RecoveryEnvironment } from '../environment';
import { type Files, filesIn, s3Client } from './bucket';
import { type Runs, runsIn } from './runs';
import type { Access } from './servers';

export interface Parts {
  /** The failover controller's journal, the newest. @throws CallFailed */
  journal(): Promise<Stored>;
  /** @returns false: another command waits for its answer. @throws CallFailed */
  putCommand(command: Command): Promise<boolean>;
  readonly rds: RdsPort;
  readonly access: Access;
  readonly files: Files;
  /** Name of the bucket that `files` are in, for people. */
  readonly bucket: string;
  readonly runs: Runs;
  /** Never throws. */
  notify(notice: Notice): Promise<void>;
  readonly log: Log;
  /** Milliseconds since 1970. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/**
 * To be made once and kept: connections and the password are kept with it.
 * @throws Error when the file of authorities cannot be read
 */
export function makeParts(environment: RecoveryEnvironment): Parts {
  const { region, secretArn, journalTable, bucket, group, topicArn } = environment;
  const table = dynamoDb(region);
  const secret = (stage?: 'AWSPREVIOUS') => {
    const fetchSecret = secretsManager(region, stage);
    return fromSecret(secretArn, (arn) => patiently('secretsmanager GetSecretValue', () => fetchSecret(arn)));
  };
  return {
    journal: () => readGroup(table, journalTable),
    putCommand: (command) => putCommand(table, journalTable, command),
    rds: rdsFor(rdsClient(region)),
    access: {
      database: environment.database,
      ca: readFileSync(environment.caFile, 'utf8'),
      current: secret(),
      previous: secret('AWSPREVIOUS'),
    },
    files: filesIn(s3Client(region), bucket),
    bucket,
    runs: runsIn(table, journalTable),
    notify: notifierFor(snsClient(region), topicArn, group, failoverLog(group)),
    log: createLog('info'),
    now: Date.now,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  };
}
