import type { z } from 'zod';
import { settingsSchema } from '../settings';
import type { About } from './setting';

/** A look at the definitions: what kind of value stands at a path, and what is said of it. */
export type Node =
  | { readonly kind: 'group'; readonly members: Readonly<Record<string, z.ZodType>> }
  | { readonly kind: 'record'; readonly about?: About }
  | { readonly kind: 'value'; readonly about?: About; readonly schema: z.ZodType };

interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly shape?: Record<string, z.ZodType>;
}

const definitionOf = (schema: z.ZodType): Definition => schema._zod.def as unknown as Definition;

/** Takes defaults and optionality off a schema. */
export function bare(schema: z.ZodType): z.ZodType {
  const { innerType } = definitionOf(schema);
  return innerType ? bare(innerType) : schema;
}

const aboutOf = (schema: z.ZodType): About | undefined => schema.meta() as About | undefined;

function nodeOf(schema: z.ZodType): Node {
  const inner = bare(schema);
  const { type, shape } = definitionOf(inner);
  if (type === 'object') return { kind: 'group', members: shape! };
  if (type === 'record') return { kind: 'record', about: aboutOf(schema) };
  return { kind: 'value', about: aboutOf(schema), schema: inner };
}

/** The node at `path`, or the record that holds it; undefined where no setting is. */
export function nodeAt(path: readonly string[]): Node | undefined {
  let node = nodeOf(settingsSchema);
  for (const key of path) {
    if (node.kind === 'record') return node;
    if (node.kind !== 'group') return undefined;
    const member = Object.hasOwn(node.members, key) ? node.members[key] : undefined;
    if (!member) return undefined;
    node = nodeOf(member);
  }
  return node;
}

export interface Listed {
  readonly path: string;
  readonly about: About;
  readonly schema: z.ZodType;
}

/** Every setting, in the order of its definition. */
export function listSettings(): Listed[] {
  const list = (members: Readonly<Record<string, z.ZodType>>, prefix: string): Listed[] =>
    Object.entries(members).flatMap(([key, schema]) => {
      const node = nodeOf(schema);
      const path = prefix + key;
      return node.kind === 'group' ? list(node.members, `${path}.`) : [{ path, about: node.about!, schema }];
    });
  return list(settingsSchema.shape as unknown as Record<string, z.ZodType>, '');
}
