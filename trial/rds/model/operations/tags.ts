import type {
  AddTagsToResourceMessage,
  ListTagsForResourceMessage,
  RemoveTagsFromResourceMessage,
  Tag,
  TagListMessage,
} from '@aws-sdk/client-rds';
import * as check from '../checks';
import type { Core } from '../core';
import { instanceNotFound, invalidParameterValue, parameterGroupNotFound, snapshotNotFound } from '../errors';
import { findGroup } from '../parameter-groups';
import { withTags } from '../tags';

const NOT_FOUND = { db: instanceNotFound, snapshot: snapshotNotFound, pg: parameterGroupNotFound };

/** The instance, snapshot or parameter group that has the tags. */
function owner(core: Core, arn: string | undefined): { tags: Tag[] } {
  const name = check.given(arn, 'ResourceName');
  const [, kind, identifier] = name.match(/^arn:aws[\w-]*:rds:[^:]*:\d*:(db|snapshot|pg):(.+)$/) ?? [];
  if (!kind || !identifier) throw invalidParameterValue(`Invalid resource name: ${name}`);
  const known = kind as keyof typeof NOT_FOUND;
  if (!name.startsWith(core.arn(known, ''))) throw NOT_FOUND[known](name);
  if (known === 'db') return core.find(identifier);
  if (known === 'pg') return findGroup(core, identifier);
  const snapshot = core.state.snapshots.find((other) => other.identifier === identifier);
  if (!snapshot) throw snapshotNotFound(identifier);
  return snapshot;
}

export async function addTagsToResource(core: Core, request: AddTagsToResourceMessage): Promise<void> {
  const resource = owner(core, request.ResourceName);
  resource.tags = withTags(resource.tags, check.given(request.Tags, 'Tags'));
  core.changed();
}

export async function removeTagsFromResource(
  core: Core,
  request: RemoveTagsFromResourceMessage,
): Promise<void> {
  const resource = owner(core, request.ResourceName);
  const keys = check.given(request.TagKeys, 'TagKeys');
  resource.tags = resource.tags.filter(({ Key = '' }) => !keys.includes(Key));
  core.changed();
}

export async function listTagsForResource(
  core: Core,
  request: ListTagsForResourceMessage,
): Promise<TagListMessage> {
  return { TagList: owner(core, request.ResourceName).tags };
}
