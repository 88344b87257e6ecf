/** Tags of a resource. */
import type { Tag } from '@aws-sdk/client-rds';
import { invalidParameterValue } from './errors';

/** Guide, "Tagging Amazon RDS resources": per resource. */
const MAXIMUM_TAGS = 50;

/** "Tags created by AWS that have the `aws:` prefix don't count" (Tagging AWS Resources User Guide). */
export const isReserved = (key = ''): boolean => /^aws:/i.test(key);

/** "The string can only contain … can't be prefixed with aws: or rds:" (API, Tag, Key). */
const isForbidden = (key: string): boolean => /^(aws|rds):/i.test(key);

/**
 * What a resource has when `more` is added to its tags: later ones replace earlier ones of their key.
 * @throws RdsError InvalidParameterValue for `aws:` and `rds:`, for keys and values that are too long, and for more than fifty
 */
export function withTags(tags: readonly Tag[], more: readonly Tag[]): Tag[] {
  const all = new Map(tags.map((tag) => [tag.Key, tag]));
  for (const { Key, Value = '' } of more) {
    if (!Key || Key.length > 128 || Value.length > 256)
      throw invalidParameterValue(`Invalid tag: ${Key ?? ''}`);
    if (isForbidden(Key)) {
      throw invalidParameterValue(
        `Tag keys cannot start with the reserved prefix ${Key.slice(0, 4)}: ${Key}`,
      );
    }
    all.set(Key, { Key, Value });
  }
  const counted = [...all.keys()].filter((key) => !isReserved(key));
  if (counted.length > MAXIMUM_TAGS) {
    throw invalidParameterValue(`A resource can have at most ${MAXIMUM_TAGS} tags.`);
  }
  return [...all.values()];
}
