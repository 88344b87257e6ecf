import { createDBInstance } from './operations/create';
import { deleteDBInstance } from './operations/delete';
import { describeDBInstances, describeEvents } from './operations/describe';
import { modifyDBInstance } from './operations/modify';
import {
  createDBParameterGroup,
  deleteDBParameterGroup,
  describeDBParameterGroups,
  describeDBParameters,
  modifyDBParameterGroup,
  resetDBParameterGroup,
} from './operations/parameter-groups';
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
  CreateDBParameterGroup: createDBParameterGroup,
  CreateDBSnapshot: createDBSnapshot,
  DeleteDBInstance: deleteDBInstance,
  DeleteDBParameterGroup: deleteDBParameterGroup,
  DeleteDBSnapshot: deleteDBSnapshot,
  DescribeDBInstances: describeDBInstances,
  DescribeDBParameterGroups: describeDBParameterGroups,
  DescribeDBParameters: describeDBParameters,
  DescribeDBSnapshots: describeDBSnapshots,
  DescribeEvents: describeEvents,
  ListTagsForResource: listTagsForResource,
  ModifyDBInstance: modifyDBInstance,
  ModifyDBParameterGroup: modifyDBParameterGroup,
  PromoteReadReplica: promoteReadReplica,
  RebootDBInstance: rebootDBInstance,
  RemoveTagsFromResource: removeTagsFromResource,
  ResetDBParameterGroup: resetDBParameterGroup,
  RestoreDBInstanceToPointInTime: restoreDBInstanceToPointInTime,
  StartDBInstance: startDBInstance,
  StopDBInstance: stopDBInstance,
} as const;

export type Operation = keyof typeof OPERATIONS;
export type Request<O extends Operation> = Parameters<(typeof OPERATIONS)[O]>[1];
export type Answer<O extends Operation> = Awaited<ReturnType<(typeof OPERATIONS)[O]>>;
