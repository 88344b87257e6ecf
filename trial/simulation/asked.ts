/** A change that a run asks for. */
import type { SeenNames } from '../../lambda/failover/observation';
import type { RdsCalls } from '../../lambda/failover/ports';

type Changing = Exclude<keyof RdsCalls, 'DescribeDBInstances'>;

export type Asked =
  | {
      [O in Changing]: { readonly kind: 'rds'; readonly operation: O; readonly request: RdsCalls[O][0] };
    }[Changing]
  | {
      readonly kind: 'open';
      readonly host: string;
      readonly epoch: number;
      readonly sequenceGap: number;
    }
  | { readonly kind: 'names'; readonly from: SeenNames; readonly to: SeenNames }
  /** Heartbeat and slot. */
  | { readonly kind: 'keep' }
  | { readonly kind: 'stack'; readonly updates: 'allowed' | 'denied' };

const KINDS = { open: 'open', names: 'move-names', stack: 'stack-policy', keep: 'keep' } as const;

/** What it is called among the controller's actions (lambda/failover/decision.ts), and on whom. */
export function actionOf(asked: Asked): { readonly kind: string; readonly on?: string } {
  if (asked.kind !== 'rds') {
    return { kind: KINDS[asked.kind] };
  }
  const on = asked.request.DBInstanceIdentifier;
  switch (asked.operation) {
    case 'ModifyDBInstance': {
      const { VpcSecurityGroupIds, NewDBInstanceIdentifier } = asked.request;
      return { kind: VpcSecurityGroupIds ? 'set-groups' : NewDBInstanceIdentifier ? 'rename' : 'modify', on };
    }
    case 'RebootDBInstance':
      return { kind: 'reboot', on };
    case 'PromoteReadReplica':
      return { kind: 'promote', on };
    case 'CreateDBInstanceReadReplica':
      return { kind: 'create-replica', on };
    case 'DeleteDBInstance':
      return { kind: 'delete', on };
  }
}
