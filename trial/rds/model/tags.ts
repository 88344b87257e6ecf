/** Tags of a resource. */
import type { Tag } from '@aws-sdk/client-rds';
import { invalidParameterValue } from './errors';

/** Guide, "Tagging Amazon RDS resources": per resource. */
const MAXIMUM_TAGS = 50;

/**
 * What a resource has when `more` is added to its tags: later ones replace earlier ones of their key.
 * @throws RdsError InvalidParameterValue for `aws:`, for keys and values that are too long, and for more than fifty
 */
export function withTags(tags: readonly Tag[], more: readonly Tag[]): Tag[] {
  const all = new Map(tags.map((tag) => [tag.Key, tag]));
  for (const { Key, Value = '' } of more) {
    if (!Key || Key.length > 128 || Value.length > 256)
      throw invalidParameterValue(`Invalid tag: ${Key ?? ''}`);
    if (/^aws:/i.test(Key)) {
      throw invalidParameterValue(`Tag keys cannot start with the reserved prefix aws: ${Key}`);
    }
    all.set(Key, { Key, Value });
  }
  if (all.size > MAXIMUM_TAGS) {
    throw invalidParameterValue(`A resource can have at most ${MAXIMUM_TAGS} tags.`);
  }
  return [...all.values()];
}
