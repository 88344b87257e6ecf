/** RDS as a run meets it. */
import { callFailed } from '../../lambda/failover/aws/errors';
import { CallFailed, type RdsCalls, type RdsPort } from '../../lambda/failover/ports';
import type { Asked } from './asked';
import { RdsError } from '../rds/model/errors';
import type { Run } from './run';
import type { World } from './world';

/** Reads that failed by chance are made again at once: three times in all. */
const READS = 3;

export function rdsPort(world: World, run: Run): RdsPort {
  const { calls } = world;
  const work = async <O extends keyof RdsCalls>(
    operation: O,
    request: RdsCalls[O][0],
  ): Promise<RdsCalls[O][1]> => {
    if (operation === 'DescribeDBInstances') {
      return { DBInstances: [...(await world.described())] };
    }
    try {
      const answer = await world.model.call(operation as 'ModifyDBInstance', request as never);
      world.note(`RDS accepts ${wordsOf(operation, request)}`);
      return answer;
    } catch (error) {
      if (!(error instanceof RdsError)) throw error;
      world.note(`RDS refuses ${wordsOf(operation, request)}: ${error.code}`);
      throw callFailed(`rds ${operation}`, asSdkError(error));
    }
  };
  return {
    async call(operation, request) {
      const before = calls.pass(run, 'before');
      if (before) await before;
      const isRead = operation === 'DescribeDBInstances';
      const asks = { kind: 'rds', operation, request } as Asked;
      if (!isRead) world.asked(run, asks);
      try {
        for (let attempt = 1; ; attempt++) {
          try {
            const answer = await calls.make('rds', () => work(operation, request), {
              isChange: !isRead,
              operation,
            });
            if (!isRead) world.accepted(run, asks);
            return answer;
          } catch (error) {
            const byChance =
              error instanceof CallFailed && (error.outcome === 'failed' || error.outcome === 'throttled');
            if (!isRead || !byChance || attempt === READS) throw error;
          }
        }
      } catch (error) {
        if (!isRead && error instanceof CallFailed) world.failed(run, asks, error.outcome);
        throw error;
      } finally {
        const after = calls.pass(run, 'after');
        if (after) await after;
      }
    },
  };
}

/** As the SDK throws what RDS refuses. */
const asSdkError = ({ code, message, status }: RdsError): Error =>
  Object.assign(new Error(message), { name: code, $metadata: { httpStatusCode: status } });

const wordsOf = (
  operation: string,
  { DBInstanceIdentifier, ...more }: { DBInstanceIdentifier?: string },
): string =>
  `${operation} ${DBInstanceIdentifier ?? ''} ${JSON.stringify(
    Object.fromEntries(
      Object.entries(more).filter(([key]) =>
        [
          'VpcSecurityGroupIds',
          'NewDBInstanceIdentifier',
          'SourceDBInstanceIdentifier',
          'FinalDBSnapshotIdentifier',
          'MultiAZ',
        ].includes(key),
      ),
    ),
  )}`;
