import {
  CreateDBInstanceReadReplicaCommand,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  RDSClient,
  RebootDBInstanceCommand,
} from '@aws-sdk/client-rds';
import type { RdsCalls, RdsPort } from '../ports';
import { clientLimits, once, patiently } from './call';

const COMMANDS = {
  DescribeDBInstances: DescribeDBInstancesCommand,
  ModifyDBInstance: ModifyDBInstanceCommand,
  RebootDBInstance: RebootDBInstanceCommand,
  PromoteReadReplica: PromoteReadReplicaCommand,
  CreateDBInstanceReadReplica: CreateDBInstanceReadReplicaCommand,
  DeleteDBInstance: DeleteDBInstanceCommand,
} satisfies Record<keyof RdsCalls, unknown>;

/** All that the controller asks of RDS. */
export const RDS_OPERATIONS = Object.keys(COMMANDS) as readonly (keyof RdsCalls)[];

export const rdsClient = (region: string): RDSClient => new RDSClient(clientLimits(region));

export const rdsFor = (client: RDSClient): RdsPort => ({
  call: <O extends keyof RdsCalls>(operation: O, request: RdsCalls[O][0]) => {
    // What the table says, and TypeScript cannot follow: the command of an operation takes its request.
    const Command = COMMANDS[operation] as unknown as new (
      input: RdsCalls[O][0],
    ) => DescribeDBInstancesCommand;
    const ask = operation === 'DescribeDBInstances' ? patiently : once;
    return ask(
      `rds ${operation}`,
      (options) => client.send(new Command(request), options) as Promise<RdsCalls[O][1]>,
    );
  },
});
