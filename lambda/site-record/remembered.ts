/**
 * What a name led to before, as part of the resource's physical id: CloudFormation keeps that, and gives it back when it
 * takes the deployment back.
 */
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';

/** CloudFormation, "Custom resource response objects": a physical id has up to 1 KB. */
const MOST_BYTES = 1_024;
const BEFORE = ' instead of ';

/** @throws Error when what was there before is too much to be remembered; nothing has been changed then */
export function remember(name: string, before: readonly ResourceRecordSet[]): string {
  if (before.length === 0) return name;
  const id = `${name}${BEFORE}${JSON.stringify(before)}`;
  const bytes = Buffer.byteLength(id);
  if (bytes <= MOST_BYTES) return id;
  throw new Error(
    `the ${before.length} records of ${name} are too many to be put back if the deployment fails (${bytes} bytes, at most ${MOST_BYTES}). Leave one of them in the zone, or delete them by hand`,
  );
}

/** @returns empty when nothing was there before, or the id is not of {@link remember} */
export function remembered(physicalId = ''): readonly ResourceRecordSet[] {
  const [, before] = physicalId.split(BEFORE);
  return before === undefined ? [] : (JSON.parse(before) as ResourceRecordSet[]);
}
