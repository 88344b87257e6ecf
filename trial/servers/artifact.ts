/** What a server fetches: the boot script, and the site, a zip file that is unpacked once for all servers that run it. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type ZipFile, fromBuffer } from 'yauzl';
import { type Target, clientConfig } from '../target';
import type { Boot, Place } from './boot-header';

/** Gives the whole object. */
export type FetchObject = (bucket: string, key: string) => Promise<Buffer>;

export function fromS3(target: Target): FetchObject {
  // Buckets as parts of a host name would need a DNS server that knows them.
  const client = new S3Client({ ...clientConfig(target), forcePathStyle: true });
  return async (Bucket, Key) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return Buffer.from(await Body!.transformToByteArray());
  };
}

/**
 * What stands in the boot script, the trial's servers do without; but a server that could not have it would not start.
 *
 * @throws when it cannot be fetched or is another one
 */
export async function provenScript(
  { bucket, key, sha256 }: Boot['script'],
  fetch: FetchObject,
): Promise<void> {
  const found = createHash('sha256')
    .update(await fetch(bucket, key))
    .digest('hex');
  if (found !== sha256) throw new Error(`s3://${bucket}/${key} is not the boot script that was deployed`);
}

/**
 * The folder with the unpacked artifact. CDK puts the content's hash into the key, so the same key is the same content.
 *
 * @param folder where artifacts lie, made when absent
 * @throws when it cannot be fetched or is no zip file
 */
export async function unpackedArtifact(
  { bucket, key }: Place,
  folder: string,
  fetch: FetchObject,
): Promise<string> {
  const place = join(folder, createHash('sha256').update(`${bucket}/${key}`).digest('hex').slice(0, 16));
  if (await exists(place)) return place;
  await mkdir(folder, { recursive: true });
  const unfinished = await mkdtemp(`${place}.`);
  try {
    await unzip(await fetch(bucket, key), unfinished);
    await rename(unfinished, place);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Else another server's start was quicker, with the same files.
    if (!(await exists(place))) throw error;
  }
  return place;
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** yauzl refuses names that lead out of the folder: absolute ones, and those with `..`. */
async function unzip(zip: Buffer, folder: string): Promise<void> {
  const file = await new Promise<ZipFile>((resolve, reject) =>
    fromBuffer(zip, { lazyEntries: true }, (error, opened) => (error ? reject(error) : resolve(opened))),
  );
  await new Promise<void>((resolve, reject) => {
    file.on('error', reject);
    file.on('end', () => resolve());
    file.on('entry', (entry) => {
      extract(file, entry, join(folder, entry.fileName)).then(() => file.readEntry(), reject);
    });
    file.readEntry();
  });
}

async function extract(file: ZipFile, entry: Parameters<ZipFile['openReadStream']>[0], path: string) {
  if (path.endsWith('/')) return void (await mkdir(path, { recursive: true }));
  await mkdir(dirname(path), { recursive: true });
  const content = await new Promise<NodeJS.ReadableStream>((resolve, reject) =>
    file.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream))),
  );
  await pipeline(content, createWriteStream(path));
  // The upper half of the attributes is the Unix mode; boot.sh adds a+rX as well, and a program stays executable.
  const mode = (entry.externalFileAttributes >>> 16) & 0o777;
  await chmod(path, mode & 0o111 ? 0o755 : 0o644);
}
