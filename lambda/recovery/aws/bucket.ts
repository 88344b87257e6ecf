/** Plans and reports, in the log bucket below `recovery/`. */
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan } from '../plan';
import { type ReadPlan, readPlan, writePlanFile } from '../plan-file';
import { Problem } from '../problem';
import { planKeys } from '../run-state';

export interface Files {
  /** @returns the SHA-256 that the plan is known by. @throws Problem */
  putPlan(plan: Plan): Promise<string>;
  /** @throws Problem when it is not there, or not as it was written */
  getPlan(id: string): Promise<ReadPlan>;
  /** @throws Problem */
  put(key: string, text: string, contentType: string): Promise<void>;
}

const REQUEST_MILLIS = 300_000;

export const s3Client = (region: string): S3Client =>
  new S3Client({
    region,
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: REQUEST_MILLIS, throwOnRequestTimeout: true },
  });

export function filesIn(client: S3Client, Bucket: string): Files {
  const send = async <T>(key: string, what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const { name, message } = error as Error;
      throw new Problem(`s3://${Bucket}/${key} could not be ${what}: ${name}: ${message}.`, { cause: error });
    }
  };
  return {
    async putPlan(plan) {
      const Key = planKeys(plan.head.id).plan;
      // S3 wants to know the length first.
      const folder = await mkdtemp(join(tmpdir(), 'recovery-'));
      try {
        const path = join(folder, 'plan.jsonl');
        const sha256 = await writePlanFile(path, plan);
        const { size: ContentLength } = await stat(path);
        const put = { Bucket, Key, ContentLength, ContentType: 'application/jsonl' };
        await send(Key, 'written', () =>
          client.send(new PutObjectCommand({ ...put, Body: createReadStream(path) })),
        );
        return sha256;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    async getPlan(id) {
      const Key = planKeys(id).plan;
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key })).catch((error: Error) => {
        // Who may not list a bucket is told AccessDenied of what is not there (S3 API reference, GetObject).
        const isMissing = error.name === 'NoSuchKey' || error.name === 'AccessDenied';
        throw new Problem(
          isMissing
            ? `There is no plan ${id} (s3://${Bucket}/${Key}): it was never made here, or was deleted. Make a new one: npm run recover -- plan.`
            : `s3://${Bucket}/${Key} could not be read: ${error.name}: ${error.message}.`,
          { cause: error },
        );
      });
      return readPlan(Body as AsyncIterable<Uint8Array> & typeof Body, `s3://${Bucket}/${Key}`);
    },
    async put(Key, Body, ContentType) {
      await send(Key, 'written', () =>
        client.send(
          new PutObjectCommand({ Bucket, Key, Body, ContentType: `${ContentType}; charset=utf-8` }),
        ),
      );
    },
  };
}
