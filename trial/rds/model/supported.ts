/** Parameters of the API for which the trial has nothing behind it: refused, so that nobody believes otherwise. */
import { invalidParameterCombination, invalidParameterValue, optionGroupNotFound } from './errors';

const UNSUPPORTED = [
  'AdditionalStorageVolumes',
  'AutomationMode',
  'AwsBackupRecoveryPointArn',
  'BackupTarget',
  'CharacterSetName',
  'CustomIamInstanceProfile',
  'DBClusterIdentifier',
  'DBPortNumber',
  'DBSecurityGroups',
  'DBSystemId',
  'DedicatedLogVolume',
  'DisableDomain',
  'Domain',
  'DomainAuthSecretArn',
  'DomainDnsIps',
  'DomainFqdn',
  'DomainIAMRoleName',
  'DomainOu',
  'EnableCustomerOwnedIp',
  'MasterUserAuthenticationType',
  'MasterUserSecretKmsKeyId',
  'MultiTenant',
  'NcharCharacterSetName',
  'PreSignedUrl',
  'ProcessorFeatures',
  'PromotionTier',
  'ReplicaMode',
  'ResumeFullAutomationModeMinutes',
  'RotateMasterUserPassword',
  'SourceDBClusterIdentifier',
  'SourceDBInstanceAutomatedBackupsArn',
  'TagSpecifications',
  'TdeCredentialArn',
  'TdeCredentialPassword',
  'Timezone',
  'UpgradeStorageConfig',
  'UseDefaultProcessorFeatures',
] as const;

/** The one that there is: PostgreSQL has no options that somebody could want (guide, "Working with option groups"). */
const OPTION_GROUP = 'default:postgres-17';

/** @throws RdsError InvalidParameterCombination that names the parameter, OptionGroupNotFoundFault */
export function refuseUnsupported(request: object): void {
  for (const parameter of UNSUPPORTED) {
    const value = (request as Record<string, unknown>)[parameter];
    if (value === undefined || value === false) continue;
    throw invalidParameterCombination(
      `${parameter} is not supported: the trial's RDS has nothing behind it.`,
    );
  }
  const { OptionGroupName: options = OPTION_GROUP } = request as { OptionGroupName?: string };
  if (options !== OPTION_GROUP) throw optionGroupNotFound(options);
  if ((request as { ManageMasterUserPassword?: boolean }).ManageMasterUserPassword) {
    // It does not work with read replicas (terraform-aws-modules/terraform-aws-rds#532), so nobody needs it.
    throw invalidParameterValue(
      'ManageMasterUserPassword is not supported for instances with read replicas.',
    );
  }
}
