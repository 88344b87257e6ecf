/** The boot script of the web servers: what user data fetches from S3 and runs. Its values are user data's variables. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { withoutComments } from './shell';

/** Where a lone server's database is: on the server, or in RDS. */
export type DatabasePlace = 'local' | 'remote';

/** Each part of the script is for some stages only; boot.sh is for all. */
const PARTS: Record<DatabasePlace | 'elsewhere', readonly string[]> = {
  elsewhere: ['boot.sh'],
  local: ['boot.sh', 'boot-lone-server.sh', 'boot-local-database.sh'],
  remote: ['boot.sh', 'boot-lone-server.sh', 'boot-move.sh'],
};

/**
 * The same text for the same stage, so that nothing is deployed for nothing.
 *
 * @param database of a lone server. @default - one of many
 */
export function bootScript(database?: DatabasePlace): string {
  const parts = PARTS[database ?? 'elsewhere'].map((part) => readFileSync(join(__dirname, part), 'utf8'));
  return ['#!/bin/bash', ...parts.map(withoutComments)].join('\n') + '\n';
}

/** A boot script in S3, and what proves that it is the one. */
export interface BootAsset {
  readonly asset: Asset;
  /** SHA-256 of the script, hexadecimal; the asset's own hash is of more than its content. */
  readonly sha256: string;
}

/** As {@link bootScript}. */
export function bootAsset(scope: Construct, database?: DatabasePlace): BootAsset {
  const script = bootScript(database);
  const folder = mkdtempSync(join(tmpdir(), 'boot-script-'));
  const path = join(folder, 'boot.sh');
  try {
    writeFileSync(path, script);
    // It copies the file at once.
    const asset = new Asset(scope, 'BootScript', { path });
    return { asset, sha256: sha256(script) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const sha256 = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex');
