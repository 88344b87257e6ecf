import type { CreateDBInstanceMessage, CreateDBInstanceResult, Tag } from '@aws-sdk/client-rds';
import { type Around, lookUp, mustHaveTwoZones, otherZone, zoneIn } from '../around';
import { attributesIn, DEFAULT_ATTRIBUTES } from '../attributes';
import * as check from '../checks';
import type { Core } from '../core';
import { invalidParameterCombination, invalidParameterValue } from '../errors';
import { newResourceId } from '../identifiers';
import { valuesIn } from '../parameter-groups';
import { checkSettings } from '../settings';
import type { Attributes, Instance } from '../state';
import { checkMaximum, checkStorage } from '../storage';
import { refuseUnsupported } from '../supported';
import { withTags } from '../tags';
import { viewOf } from '../views';
import { newWindows } from '../windows';

/** A new, empty instance. */
export async function createDBInstance(
  core: Core,
  request: CreateDBInstanceMessage,
): Promise<CreateDBInstanceResult> {
  refuseUnsupported(request);
  const engine = check.given(request.Engine, 'Engine');
  if (engine !== 'postgres') {
    throw invalidParameterValue(
      `Value ${engine} for parameter Engine is invalid. Reason: engine ${engine} not supported`,
    );
  }
  const engineVersion = check.engineVersion(request.EngineVersion);
  const instanceClass = check.instanceClass(
    core,
    check.given(request.DBInstanceClass, 'DBInstanceClass'),
    request.LicenseModel,
  );
  if (request.KmsKeyId && !request.StorageEncrypted) {
    // API, CreateDBInstance, KmsKeyId: "for an encrypted DB instance"; cfn-lint, rule of KmsKeyId and StorageEncrypted.
    throw invalidParameterCombination('KmsKeyId can be specified for an encrypted DB instance only.');
  }
  const allocatedStorage = check.given(request.AllocatedStorage, 'AllocatedStorage');
  const username = check.masterUsername(check.given(request.MasterUsername, 'MasterUsername'));
  const password = check.password(check.given(request.MasterUserPassword, 'MasterUserPassword'));
  if (request.MaxAllocatedStorage !== undefined) checkMaximum(request.MaxAllocatedStorage, allocatedStorage);
  const around = await lookUp(core, request);

  const identifier = check.freeIdentifier(
    core,
    check.given(request.DBInstanceIdentifier, 'DBInstanceIdentifier'),
  );
  check.room(core);
  check.capacity(core);
  const instance = newInstance(core, around, request, {
    identifier,
    instanceClass,
    engineVersion,
    allocatedStorage,
    master: { username, password },
    backupRetentionDays: check.backupDays(request.BackupRetentionPeriod ?? 1),
    attributes: withDefaults(DEFAULT_ATTRIBUTES, request),
    ...newWindows(core, request),
  });
  if (request.DBName) instance.databaseName = check.databaseName(request.DBName);
  core.state.instances.push(instance);
  core.enqueue(instance, { kind: 'create' });
  return { DBInstance: viewOf(core, instance) };
}

/**
 * Settings of a new instance.
 * @throws RdsError for what RDS does not take
 */
export function withDefaults(defaults: Attributes, request: Parameters<typeof attributesIn>[0]): Attributes {
  const asked = attributesIn(request);
  checkSettings(asked, defaults);
  return { ...defaults, ...(asked.Iops !== undefined && { StorageType: 'io1' }), ...asked };
}

/** What several operations say of a new instance. */
export interface NewInstanceRequest {
  readonly AvailabilityZone?: string;
  readonly DBParameterGroupName?: string;
  readonly DBSubnetGroupName?: string;
  readonly DeletionProtection?: boolean;
  readonly MultiAZ?: boolean;
  readonly Port?: number;
  readonly Tags?: readonly Tag[];
  readonly VpcSecurityGroupIds?: readonly string[];
}

type Own = Pick<
  Instance,
  | 'identifier'
  | 'instanceClass'
  | 'engineVersion'
  | 'allocatedStorage'
  | 'master'
  | 'backupRetentionDays'
  | 'backupWindow'
  | 'maintenanceWindow'
  | 'attributes'
>;

/** A record of an instance that is not there yet. */
export function newInstance(core: Core, around: Around, request: NewInstanceRequest, own: Own): Instance {
  const { StorageType: type = '', Iops: iops, StorageThroughput: throughput } = own.attributes;
  checkStorage({ type, gibibytes: own.allocatedStorage, iops, throughput });
  if (request.MultiAZ && request.AvailabilityZone) {
    throw invalidParameterCombination(
      'Requesting a specific availability zone is not valid for Multi-AZ instances.',
    );
  }
  const { state, surroundings } = core;
  const port = check.port(request.Port);
  const groups = request.VpcSecurityGroupIds?.length
    ? request.VpcSecurityGroupIds
    : surroundings.defaultSecurityGroupIds;
  if (request.MultiAZ) mustHaveTwoZones(around.subnetGroup);
  check.storageRoom(core, own.allocatedStorage);
  const instance: Instance = {
    ...own,
    subnetGroup: around.subnetGroup,
    parameterGroup: around.parameterGroup.name,
    parameters: valuesIn(around.parameterGroup, { ...own, port }),
    resourceId: newResourceId(state),
    createdAt: core.now(),
    created: false,
    resting: 'available',
    tasks: [],
    timers: {},
    pending: {},
    port,
    multiAz: request.MultiAZ ?? false,
    availabilityZone: zoneIn(core, around.subnetGroup, request.AvailabilityZone),
    securityGroupIds: [...groups],
    deletionProtection: request.DeletionProtection ?? false,
    tags: withTags([], request.Tags ?? []),
  };
  if (instance.multiAz) instance.secondaryAvailabilityZone = otherZone(instance);
  return instance;
}
