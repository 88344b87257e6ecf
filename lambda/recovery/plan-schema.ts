/**
 * What a plan file must hold, line by line: plan.ts, finding.ts and table.ts as checks. Members that are not named here go
 * through as they are: `apply` gets what was written.
 */
import * as z from 'zod';
import type { LostTransaction, Unrecoverable } from './finding';
import { FORK } from './fork';
import type { Change, PlanHead, SequencePlan } from './plan';
import type { Table } from './table';

const index = z.int().nonnegative();
const indices = z.array(index);
const texts = z.array(z.string());
const integer = z.string().regex(/^-?\d+$/);

const TABLE = z.looseObject({
  name: z.string(),
  schema: z.string(),
  relation: z.string(),
  columns: z.array(
    z.looseObject({
      name: z.string(),
      quoted: z.string(),
      type: z.string(),
      isGenerated: z.boolean(),
      identity: z.enum(['always', 'by default']).optional(),
    }),
  ),
  key: indices.optional(),
  keyEquals: texts.optional(),
  logged: z.enum(['key', 'all', 'nothing']),
  isUnlogged: z.boolean(),
  leaves: z.array(
    z.looseObject({ name: z.string(), schema: z.string(), relation: z.string(), blocks: z.number() }),
  ),
  isPartitioned: z.boolean(),
  uniques: z.array(
    z.looseObject({
      name: z.string(),
      columns: indices.optional(),
      definition: z.string(),
      predicate: z.string().optional(),
      parts: z.array(z.looseObject({ sql: z.string(), operator: z.string() })),
      nullsAreEqual: z.boolean(),
    }),
  ),
  references: z.array(
    z.looseObject({
      name: z.string(),
      from: indices,
      table: z.string(),
      to: indices,
      isDeferrable: z.boolean(),
    }),
  ),
  triggers: z.array(z.looseObject({ name: z.string(), enabled: z.enum(['O', 'A']) })),
  rows: z.number(),
}) satisfies z.ZodType<Table>;

const SEQUENCE = z.looseObject({
  name: z.string(),
  old: integer.nullable(),
  present: integer.nullable(),
  increment: integer,
}) satisfies z.ZodType<SequencePlan>;

const TRANSACTION = z.looseObject({
  id: z.string(),
  committedAt: z.string().optional(),
  lsn: z.string().optional(),
}) satisfies z.ZodType<LostTransaction>;

const UNRECOVERABLE = z.looseObject({
  kind: z.enum([
    'no key',
    'unlogged',
    'large object',
    'schema',
    'columns differ',
    'table missing',
    'not readable',
    'prepared transaction',
    'other',
  ]),
  table: z.string().optional(),
  what: z.string(),
  remedy: z.string(),
  sql: z.string().optional(),
  transactions: texts,
}) satisfies z.ZodType<Unrecoverable>;

export const FORMAT = 'scale-from-zero recovery plan';
export const VERSION = 1;

/** The id is also the name of a folder. */
const ID = z.string().regex(/^[A-Za-z0-9][\w.-]{0,99}$/);

export const HEAD = z.looseObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  id: ID,
  madeAt: z.iso.datetime(),
  fork: FORK,
  from: z.string(),
  to: z.string(),
  database: z.string(),
  timeline: z.int().positive(),
  method: z.enum(['slot', 'rows', 'restore']),
  tables: z.array(TABLE),
  sequences: z.array(SEQUENCE),
  transactions: z.array(TRANSACTION),
  unrecoverable: z.array(UNRECOVERABLE),
  gaps: texts,
  alreadyHere: index,
}) satisfies z.ZodType<PlanHead>;

export const CHANGE = z.looseObject({
  number: z.int().positive(),
  table: z.string(),
  key: texts,
  operation: z.enum(['insert', 'update', 'delete']),
  conflict: z
    .looseObject({
      kind: z.enum([
        'key taken',
        'both changed',
        'deleted here',
        'changed here',
        'value taken',
        'parent missing',
        'still referred to',
        'cannot be told',
      ]),
      why: z.string(),
    })
    .optional(),
  lost: z.string().nullable(),
  present: z.string().nullable(),
  transactions: texts,
  step: index.optional(),
  together: z.literal(true).optional(),
}) satisfies z.ZodType<Change>;

/** The last line. */
export const END = z.strictObject({
  changes: index,
  /** Hex, over all bytes before this line. */
  sha256: z.string().regex(/^[\da-f]{64}$/),
});
