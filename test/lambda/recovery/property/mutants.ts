/** Wrong versions of recovery's parts, each a mistake that somebody could make. */
import type { Fork } from '../../../../lambda/recovery/fork';
import type * as read from '../../../../lambda/recovery/slot/read';
import type * as decode from '../../../../lambda/recovery/slot/decode';
import type * as relations from '../../../../lambda/recovery/slot/relations';
import type * as history from '../../../../lambda/recovery/slot/history';
import type * as boundary from '../../../../lambda/recovery/boundary';
import type * as classify from '../../../../lambda/recovery/classify';
import type * as conflicts from '../../../../lambda/recovery/dependents/conflicts';
import type * as sequences from '../../../../lambda/recovery/sequences';
import type * as ledger from '../../../../lambda/recovery/ledger';
import type { Way } from './judge-case';

type Module<Path extends keyof Modules> = Modules[Path];

export interface Modules {
  readonly read: typeof read;
  readonly decode: typeof decode;
  readonly relations: typeof relations;
  readonly history: typeof history;
  readonly boundary: typeof boundary;
  readonly classify: typeof classify;
  readonly conflicts: typeof conflicts;
  readonly sequences: typeof sequences;
  readonly ledger: typeof ledger;
}

export interface Mutant {
  /** A finder that … */
  readonly name: string;
  readonly way: Way;
  /** It is only seen when something is applied; the plan differs from the right one unless it says `anyway`. */
  readonly isApplied?: boolean | 'anyway';
  /** In place of the module's own functions, of which it is given the right ones. */
  readonly replace?: {
    readonly [Path in keyof Modules]?: (right: Module<Path>, fork: Fork) => Partial<Module<Path>>;
  };
  /** The fork as it was stored, and the new primary's snapshot of today. */
  readonly fork?: (fork: Fork, today: string) => Fork;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'takes single changes past the fork, and not transactions by their commit',
    way: 'slot',
    replace: {
      read: (right, { lsn }) => ({
        changeLines: (session, wanted) =>
          right.changeLines(
            {
              ...session,
              portions: (text, values, size) =>
                session.portions(text.replace(/\bwhere\b/, `where lsn > '${lsn}'::pg_lsn and`), values, size),
            },
            wanted,
          ),
      }),
    },
  },
  {
    name: 'takes the transaction whose commit ends at the fork for a lost one',
    way: 'slot',
    replace: {
      read: (right, { lsn }) => ({
        // `>=` in both places where commits are held against the fork.
        transactionsAfter: async (session) =>
          (await right.transactionsAfter(session, '0/0'))
            .filter((one) => before(lsn, one.lsn) || lsn === one.lsn)
            .map((one) => (one.lsn === lsn ? { ...one, lsn: next(lsn) } : one)),
      }),
    },
  },
  {
    name: 'passes over the first transaction id after the fork',
    way: 'rows alone',
    replace: {
      boundary: (right) => ({
        boundaryOf: async (...given) => {
          const found = await right.boundaryOf(...given);
          return { ...found, next: found.next + 1n };
        },
      }),
    },
  },
  {
    name: 'takes the last transaction id before the fork for a lost one',
    way: 'rows alone',
    replace: {
      boundary: (right) => ({
        boundaryOf: async (...given) => {
          const found = await right.boundaryOf(...given);
          return { ...found, next: found.next - 1n };
        },
      }),
    },
  },
  {
    name: 'has its snapshot from after the promotion',
    way: 'rows alone',
    fork: (fork, today) => ({ ...fork, snapshot: today }),
  },
  {
    name: 'forgets transactions that were under way at the fork',
    way: 'rows alone',
    replace: {
      boundary: (right) => ({
        boundaryOf: async (...given) => ({ ...(await right.boundaryOf(...given)), underWay: [] }),
      }),
    },
  },
  {
    name: 'compares two ways, without a base',
    way: 'slot',
    replace: {
      classify: () => ({
        classify: ({ lost, present }) =>
          lost === present
            ? undefined
            : { operation: lost === null ? 'delete' : present === null ? 'insert' : 'update' },
      }),
    },
  },
  {
    name: 'takes an insert whose key was given out again for an update',
    way: 'slot',
    replace: {
      classify: (right) => ({
        classify: (versions) => {
          const decision = right.classify(versions);
          return decision?.conflict?.kind === 'key taken' ? { operation: 'update' } : decision;
        },
      }),
    },
  },
  {
    name: 'brings back rows that the new primary has deleted',
    way: 'slot',
    replace: {
      classify: (right) => ({
        classify: (versions) =>
          right.classify(versions.present === null ? { ...versions, base: 'absent' } : versions),
      }),
    },
  },
  {
    name: 'forgets TRUNCATE on the old primary',
    way: 'slot',
    replace: {
      decode: (right) => ({ decode: withoutTruncate(right.decode) }),
      // The catalog shows it as well.
      relations: (right) => ({
        relationsOf: async (...given) => ({
          ...(await right.relationsOf(...given)),
          redefined: new Set<string>(),
        }),
      }),
    },
  },
  {
    name: 'believes that the new primary has done nothing itself',
    way: 'rows with history',
    replace: {
      history: () => ({
        readHistory: async () => ({ covers: () => true, base: () => undefined, touched: () => [] }),
      }),
    },
  },
  {
    name: 'does not mind parents in conflict',
    way: 'slot',
    isApplied: true,
    replace: { conflicts: (right) => ({ conflictsOf: without(right, 'parent missing') }) },
  },
  {
    name: 'lets a delete cascade to rows of the new primary',
    way: 'slot',
    isApplied: true,
    replace: { conflicts: (right) => ({ conflictsOf: without(right, 'still referred to') }) },
  },
  {
    name: 'does not mind values that must be unique',
    way: 'slot',
    isApplied: true,
    replace: { conflicts: (right) => ({ conflictsOf: without(right, 'value taken') }) },
  },
  {
    name: 'leaves sequences where they are',
    way: 'slot',
    isApplied: true,
    replace: { sequences: () => ({ planSequences: () => [] }) },
  },
  {
    name: 'proposes again what was decided',
    way: 'slot',
    isApplied: 'anyway',
    replace: { ledger: () => ({ readLedger: async () => new Map() }) },
  },
];

const without =
  ({ conflictsOf }: Modules['conflicts'], kind: string): Modules['conflicts']['conflictsOf'] =>
  (rows, demands) =>
    conflictsOf(
      rows,
      demands.filter(({ conflict }) => conflict.kind !== kind),
    );

const withoutTruncate =
  (decode: Modules['decode']['decode']): Modules['decode']['decode'] =>
  (data) => {
    const line = decode(data);
    return line.kind === 'truncate' ? { ...line, relations: [] } : line;
  };

const value = (lsn: string): bigint => {
  const [high, low] = lsn.split('/') as [string, string];
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
};
const before = (one: string, other: string): boolean => value(one) < value(other);
const next = (lsn: string): string => {
  const after = value(lsn) + 1n;
  return `${(after >> 32n).toString(16)}/${(after & 0xffffffffn).toString(16)}`.toUpperCase();
};
