import { createDBInstance } from './operations/create';
import { deleteDBInstance } from './operations/delete';
import { describeDBInstances, describeEvents } from './operations/describe';
import { modifyDBInstance } from './operations/modify';
import { rebootDBInstance, startDBInstance, stopDBInstance } from './operations/power';
import { createDBInstanceReadReplica, promoteReadReplica } from './operations/replicas';
import { restoreDBInstanceToPointInTime } from './operations/restore';
import { createDBSnapshot, deleteDBSnapshot, describeDBSnapshots } from './operations/snapshots';
import { addTagsToResource, listTagsForResource, removeTagsFromResource } from './operations/tags';

/** The API's operations under their names. Requests and answers have the shapes of @aws-sdk/client-rds. */
export const OPERATIONS = {
  AddTagsToResource: addTagsToResource,
  CreateDBInstance: createDBInstance,
  CreateDBInstanceReadReplica: createDBInstanceReadReplica,
  CreateDBSnapshot: createDBSnapshot,
  DeleteDBInstance: deleteDBInstance,
  DeleteDBSnapshot: deleteDBSnapshot,
  DescribeDBInstances: describeDBInstances,
  DescribeDBSnapshots: describeDBSnapshots,
  DescribeEvents: describeEvents,
  ListTagsForResource: listTagsForResource,
  ModifyDBInstance: modifyDBInstance,
  PromoteReadReplica: promoteReadReplica,
  RebootDBInstance: rebootDBInstance,
  RemoveTagsFromResource: removeTagsFromResource,
  RestoreDBInstanceToPointInTime: restoreDBInstanceToPointInTime,
  StartDBInstance: startDBInstance,
  StopDBInstance: stopDBInstance,
} as const;

export type Operation = keyof typeof OPERATIONS;
export type Request<O extends Operation> = Parameters<(typeof OPERATIONS)[O]>[1];
export type Answer<O extends Operation> = Awaited<ReturnType<(typeof OPERATIONS)[O]>>;
