/** The ports as they are on AWS. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromSecret, secretsManager } from '../../app/database/credentials';
import { patiently } from './aws/call';
import { journalFor } from './aws/journal';
import { dynamoDb } from './aws/journal-items';
import { namesFor, route53Client } from './aws/names';
import { notifierFor, snsClient } from './aws/notify';
import { rdsClient, rdsFor } from './aws/rds';
import { cloudFormationClient, isGoing, stackFor } from './aws/stack-policy';
import type { FailoverEnvironment } from './environment';
import { failoverLog } from './log';
import { databasesFor } from './postgres/databases';
import type { Ports } from './ports';

export interface AwsPorts extends Ports {
  /** Whether this stack is being deleted, and does not only lose a resource. @throws CallFailed */
  isGoing(stack: string): Promise<boolean>;
}

/**
 * To be made once and kept: connections and the password are kept with it.
 * @throws Error when the file of authorities cannot be read
 */
export function makePorts(environment: FailoverEnvironment): AwsPorts {
  const { region, policy, controllerSecretArn: arn } = environment;
  const log = failoverLog(policy.name);
  const cloudFormation = cloudFormationClient(region);
  const secret = (stage?: 'AWSPREVIOUS') => {
    const fetchSecret = secretsManager(region, stage);
    return fromSecret(arn, (asked) => patiently('secretsmanager GetSecretValue', () => fetchSecret(asked)));
  };
  return {
    clock: { now: Date.now, sleep: (milliseconds) => sleep(milliseconds) },
    rds: rdsFor(rdsClient(region)),
    names: namesFor(route53Client(region), environment.zoneId, environment),
    databases: databasesFor(
      {
        database: environment.database,
        ca: readFileSync(environment.caFile, 'utf8'),
        current: secret(),
        previous: secret('AWSPREVIOUS'),
      },
      log,
    ),
    journal: journalFor(dynamoDb(region), environment.journalTable),
    stack: stackFor(cloudFormation, environment.dataStack),
    notify: notifierFor(snsClient(region), environment.topicArn, policy.name, log),
    log,
    random: Math.random,
    isGoing: (stack) => isGoing(cloudFormation, stack),
  };
}
