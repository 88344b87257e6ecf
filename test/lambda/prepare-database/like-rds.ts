/** A PostgreSQL whose master user is what RDS makes of it: no superuser, but a member of rds_superuser. */
import { Client } from 'pg';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PrepareEnvironment } from '../../../lambda/prepare-database/environment';
import { makeCertificate } from '../../support/certificate';
import { type TestPostgres, startPostgres } from '../../support/postgres';

export const DATABASE = 'site';
export const MASTER = { username: 'master', password: 'master"s own' };

const arnOf = (name: string) => `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}-AbCdEf`;

export interface LikeRds {
  readonly postgres: TestPostgres;
  readonly environment: PrepareEnvironment;
  /** By ARN: the secrets that a test may change. */
  readonly secrets: Record<string, { username: string; password: string }>;
  /** The secret's password of a role. */
  passwordOf(role: string): string;
  /** Runs statements on one connection as a role, with the password in its secret. */
  as(user: string, ...statements: string[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

export async function startLikeRds(): Promise<LikeRds> {
  const tls = await makeCertificate('localhost');
  const settings = { wal_level: 'logical', log_statement: 'all', max_connections: '20' };
  const postgres = await startPostgres({ tls, password: 'superuser', settings });
  const folder = mkdtempSync(join(tmpdir(), 'scale-from-zero-ca-'));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, tls.certificate);

  for (const statement of [
    // RDS user guide, "Understanding the rds_superuser role". REPLICATION stands in for what RDS lets members of
    // rds_replication do, which no plain PostgreSQL does.
    `create role rds_superuser`,
    `create role rds_replication`,
    `grant pg_monitor, pg_read_all_data, rds_replication to rds_superuser with admin option`,
    `create role master login createdb createrole replication password 'master"s own'`,
    `grant rds_superuser to master`,
    `create database ${DATABASE} owner master`,
  ]) {
    await postgres.query(statement);
  }

  const roles = ['app_writer', 'app_reader', 'controller', 'recovery'] as const;
  const secrets = Object.fromEntries(
    roles.map((role) => [arnOf(role), { username: role as string, password: `${role}'s first` }]),
  );
  secrets[arnOf('master')] = MASTER;
  const passwordOf = (role: string) => secrets[arnOf(role)]!.password;
  return {
    postgres,
    secrets,
    environment: {
      host: 'writer.site.internal',
      port: postgres.port,
      database: DATABASE,
      caFile,
      region: 'eu-central-1',
      masterSecretArn: arnOf('master'),
      secretArns: {
        app_writer: arnOf('app_writer'),
        app_reader: arnOf('app_reader'),
        controller: arnOf('controller'),
        recovery: arnOf('recovery'),
      },
    },
    passwordOf,
    async as(user, ...statements) {
      const client = new Client({
        host: '127.0.0.1',
        port: postgres.port,
        database: DATABASE,
        user,
        password: passwordOf(user),
        ssl: { rejectUnauthorized: false },
      });
      await client.connect();
      try {
        let rows: Record<string, unknown>[] = [];
        for (const statement of statements) ({ rows } = await client.query(statement));
        return rows;
      } finally {
        await client.end();
      }
    },
    async stop() {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
