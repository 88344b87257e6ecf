import { type DBInstance, RDSClient, paginateDescribeDBInstances } from '@aws-sdk/client-rds';
import {
  GetSecretValueCommand,
  SecretsManagerClient,
  paginateListSecrets,
} from '@aws-sdk/client-secrets-manager';
import { type Target, clientConfig } from '../target';
import { collect } from './collect';
import type { Database, Secret } from './facts';

/** Secrets with the role and the host that they are for; never a password. */
export async function observeSecrets(target: Target): Promise<Secret[]> {
  const client = new SecretsManagerClient(clientConfig(target));
  const secrets = await collect(paginateListSecrets({ client }, {}), (page) => page.SecretList);
  return Promise.all(
    secrets.map(async ({ ARN }) => {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: ARN! }));
      const { username, host } = contentOf(SecretString);
      return { arn: ARN!, ...(username && { username }), ...(host && { host }) };
    }),
  );
}

function contentOf(text: string | undefined): { username?: string; host?: string } {
  try {
    return JSON.parse(text ?? '{}');
  } catch {
    return {}; // a secret of somebody else's
  }
}

export async function observeDatabases(target: Target): Promise<Database[]> {
  const client = new RDSClient(clientConfig(target));
  const instances = await collect(paginateDescribeDBInstances({ client }, {}), (page) => page.DBInstances);
  return instances.map(databaseOf);
}

const databaseOf = (instance: DBInstance): Database => ({
  id: instance.DBInstanceIdentifier!,
  status: instance.DBInstanceStatus!,
  endpoint: instance.Endpoint?.Address ?? '',
  encrypted: instance.StorageEncrypted ?? false,
  isPublic: instance.PubliclyAccessible ?? false,
  subnets: (instance.DBSubnetGroup?.Subnets ?? []).map(({ SubnetIdentifier }) => SubnetIdentifier!),
  securityGroups: (instance.VpcSecurityGroups ?? []).map(({ VpcSecurityGroupId }) => VpcSecurityGroupId!),
  ...(instance.ReadReplicaSourceDBInstanceIdentifier && {
    source: instance.ReadReplicaSourceDBInstanceIdentifier.split(':').at(-1)!,
  }),
});
