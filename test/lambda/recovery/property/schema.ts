/** Random schemas: tables of every sort that PostgreSQL has and sites use. */
import { type Random, between, chance, oneOf } from '../../../../trial/simulation/random';
import { INT, KEYS, KINDS, type Kind, type KeyKind, NARROW_KEYS, TEXT, TYPES, WIDE_KEYS } from './kinds';
import type { Site, SiteColumn, SiteKey, SiteTable } from './site';

/** Unique, more often than not. */
const SPREAD: Kind = { type: 'integer', value: (random) => String(between(random, 0, 15)) };

const SCHEMAS = ['public', 'Other "Schema"'];
const RELATIONS = [
  't',
  'Notes',
  'order',
  'two words',
  'key',
  "o'clock",
  'r',
  'wéird',
  'old',
  'table public.t: INSERT:',
];
const COLUMNS = [
  ...[
    't',
    'r',
    'key',
    'Mixed Case',
    'select',
    "o'brien",
    'a"b',
    'lost',
    'present',
    'old',
    'new',
    'value',
    'row',
  ],
  ...[
    'text',
    'L',
    'l',
    'p',
    'name[text]',
    'old-key:',
    'x',
    'y',
    'base',
    'xid',
    'id',
    'change',
    'c',
    'k1',
    '1',
    'T',
  ],
];

const q = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** A name that was not given yet. */
function another(random: Random, names: readonly string[], taken: Set<string>): string {
  const free = names.filter((name) => !taken.has(name));
  const name = free.length > 0 ? oneOf(random, free) : `${oneOf(random, names)} ${taken.size}`;
  taken.add(name);
  return name;
}

export function makeSite(random: Random): Site {
  const ddl = [...TYPES, `create table ${EDGE.name} (id integer primary key, note text)`];
  const late: string[] = [];
  const schemas = chance(random, 0.4) ? SCHEMAS : [SCHEMAS[0]!];
  if (schemas.length > 1) ddl.push(`create schema ${q(SCHEMAS[1]!)}`);
  const tables: Drawn[] = [];
  const taken = new Set<string>();
  for (let count = between(random, 2, 5); count > 0; count--) {
    const schema = oneOf(random, schemas);
    const others = new Set(
      [...taken]
        .map((name) => JSON.parse(name) as [string, string])
        .flatMap(([where, name]) => (where === schema ? [name] : [])),
    );
    const relation = another(random, RELATIONS, others);
    taken.add(JSON.stringify([schema, relation]));
    const table = makeTable(random, { schema, relation, number: tables.length }, tables);
    ddl.push(...table.ddl);
    late.push(...table.late);
    tables.push(table);
  }
  const referred = new Set(tables.flatMap(({ parents }) => parents));
  return {
    ddl,
    late,
    edge: EDGE,
    tables: tables.map(({ ddl: _, late: __, parents: ___, target: ____, ...table }) => ({
      ...table,
      isReferredTo: referred.has(table.name),
    })),
  };
}

const EDGE: SiteTable = {
  schema: 'public',
  relation: 'edge',
  name: '"public"."edge"',
  columns: [{ name: 'note', type: 'text' }],
  identity: { columns: ['id'], types: ['integer'], keys: [] },
  isNumbered: false,
  isAlways: false,
  references: [],
  key: ['id'],
  keyTypes: ['integer'],
  tellsKeys: true,
  isUnlogged: false,
  isReferredTo: false,
};

interface Drawn extends Omit<SiteTable, 'isReferredTo'> {
  readonly ddl: readonly string[];
  readonly late: readonly string[];
  /** Names of the tables that it refers to. */
  readonly parents: readonly string[];
  /** What others may refer to. */
  readonly target?: SiteKey;
}

const pool = (columns: string[], kinds: readonly KeyKind[]): SiteKey => ({
  columns,
  types: kinds.map(({ type }) => type),
  keys: Array.from({ length: KEYS }, (_, number) =>
    kinds.length === 1
      ? [kinds[0]!.at(number)]
      : kinds.map((kind, part) => kind.at(part === 0 ? number >> 1 : number & 1)),
  ),
});

function makeTable(
  random: Random,
  { schema, relation, number }: { schema: string; relation: string; number: number },
  others: readonly Drawn[],
): Drawn {
  const name = `${q(schema)}.${q(relation)}`;
  const names = new Set<string>();
  const column = () => q(another(random, COLUMNS, names));
  const sort = sortOf(random);
  const lines: string[] = [];
  const after: string[] = [];
  const late: string[] = [];
  const indexes: string[] = [];
  const references: Drawn['references'][number][] = [];
  const parents: string[] = [];
  const isUnlogged = sort === 'unlogged';

  const targets = others.filter(({ target }) => target !== undefined);
  const refer = (target: Drawn | 'itself', key: SiteKey, given?: string[]) => {
    const columns = given ?? key.columns.map(column);
    const isNullable = !given && (target === 'itself' || chance(random, 0.7));
    if (!given)
      columns.forEach((one, at) => lines.push(`${one} ${key.types[at]}${isNullable ? '' : ' not null'}`));
    const action = oneOf(random, [
      'no action',
      'no action',
      'cascade',
      'cascade',
      'restrict',
      isNullable ? 'set null' : 'cascade',
    ]);
    const deferred = oneOf(random, ['', '', ' deferrable', ' deferrable initially deferred']);
    const updates = chance(random, 0.3) ? ' on update cascade' : '';
    after.push(
      `foreign key (${columns.join()}) references ${target === 'itself' ? name : target.name} (${key.columns.join()}) on delete ${action}${updates}${deferred}`,
    );
    parents.push(target === 'itself' ? name : target.name);
    if (!given) references.push({ ...key, columns, isNullable });
  };

  // The key.
  let identity: SiteKey;
  let isNumbered = false;
  let isAlways = false;
  const parent = targets.length > 0 && chance(random, 0.25) ? oneOf(random, targets) : undefined;
  if (sort !== 'keyless' && chance(random, 0.35)) {
    isNumbered = true;
    const how = oneOf(random, ['always', 'by default', 'serial']);
    isAlways = how === 'always';
    const type = oneOf(random, ['bigint', 'integer']);
    const id = column();
    identity = {
      columns: [id],
      types: [type],
      keys: Array.from({ length: KEYS }, (_, at) => [String(at + 1)]),
    };
    const step = chance(random, 0.15) ? ' (increment by 2 cache 5)' : '';
    lines.push(
      how === 'serial'
        ? `${id} ${type === 'bigint' ? 'bigserial' : 'serial'}`
        : `${id} ${type} generated ${how} as identity${step}`,
    );
  } else if (parent && sort === 'plain') {
    const own = column();
    const theirs = parent.target!.columns.map(column);
    identity = {
      columns: [...theirs, own],
      types: [...parent.target!.types, 'integer'],
      keys: parent
        .target!.keys.flatMap((key) => [
          [...key, '1'],
          [...key, '2'],
        ])
        .slice(0, 2 * KEYS),
    };
    identity.columns.forEach((one, at) => lines.push(`${one} ${identity.types[at]} not null`));
    refer(parent, parent.target!, theirs);
  } else {
    const kinds = [oneOf(random, WIDE_KEYS), ...(chance(random, 0.4) ? [oneOf(random, NARROW_KEYS)] : [])];
    identity = pool(kinds.map(column), kinds);
    identity.columns.forEach((one, at) =>
      lines.push(`${one} ${identity.types[at]}${sort === 'keyless' ? '' : ' not null'}`),
    );
  }
  // In an order of its own.
  const indexed = chance(random, 0.3) ? [...identity.columns].reverse() : identity.columns;
  const isLate = sort === 'plain' && chance(random, 0.06);
  const isLone = sort === 'plain' && !isLate && chance(random, 0.08);
  if (sort !== 'keyless') {
    // Without a primary key a unique index can tell rows apart as well.
    after.push(`${isLone ? 'unique' : 'primary key'} (${indexed.join()})${isLate ? ' deferrable' : ''}`);
  }

  // What else it holds.
  const columns: SiteColumn[] = [];
  const add = (kind: Kind, more = '') => {
    const one = { name: column(), type: kind.type, kind };
    columns.push(one);
    lines.push(`${one.name} ${one.type}${more}`);
    return one.name;
  };
  for (let count = between(random, 1, 5); count > 0; count--) add(oneOf(random, KINDS));
  let key: readonly string[] | undefined = sort === 'keyless' ? undefined : indexed;
  let identityIndex: string | undefined;
  const canBeUnique = sort === 'plain' || sort === 'unlogged';
  if (canBeUnique && chance(random, 0.6)) {
    switch (
      oneOf(random, [
        'plain',
        'plain',
        'two',
        'partial',
        'expression',
        'deferrable',
        'identity',
        'nulls',
        'range',
      ])
    ) {
      case 'plain':
        after.push(`unique (${add(SPREAD)})`);
        break;
      case 'two':
        after.push(`unique (${add(INT)}, ${add(TEXT)})`);
        break;
      case 'partial':
        indexes.push(`create unique index on ${name} (${add(INT)}) where ${add(INT)} > 3`);
        break;
      case 'expression':
        indexes.push(`create unique index on ${name} (lower(${add(TEXT)}), (${add(INT)} / 2))`);
        break;
      case 'deferrable':
        after.push(`unique (${add(SPREAD)}) deferrable${chance(random, 0.5) ? ' initially deferred' : ''}`);
        break;
      case 'nulls':
        after.push(`unique nulls not distinct (${add(SPREAD)})`);
        break;
      case 'range':
        after.push(`exclude using gist (${add({ type: 'int4range', value: spanOf })} with &&)`);
        break;
      default: {
        const one = add(SPREAD, ' not null');
        identityIndex = `mine_${number}`;
        indexes.push(`create unique index ${identityIndex} on ${name} (${one})`);
        late.push(`alter table ${name} replica identity using index ${identityIndex}`);
        if (sort === 'plain') key = [one];
      }
    }
  }
  if (chance(random, 0.3)) {
    const from = add(INT);
    lines.push(`${column()} bigint generated always as (${from}::bigint * 1000) stored`);
  }

  // Whom it refers to.
  if (sort !== 'keyless' || chance(random, 0.5)) {
    for (let count = targets.length > 0 ? oneOf(random, [0, 1, 1, 2]) : 0; count > 0; count--) {
      const other = oneOf(random, targets);
      refer(other, other.target!);
    }
    if (sort === 'plain' && !isLate && !isLone && chance(random, 0.25)) refer('itself', identity);
  }
  const isTarget = !isUnlogged && sort !== 'keyless' && !isLate;

  const keyTypes = (key ?? []).map((one) => identity.types[identity.columns.indexOf(one)] ?? SPREAD.type);

  // How it is kept.
  let tellsKeys = identityIndex !== undefined || (sort !== 'keyless' && !isLate && !isLone);
  if (!identityIndex && sort !== 'partitioned' && chance(random, 0.2)) {
    tellsKeys = chance(random, 0.6);
    late.push(`alter table ${name} replica identity ${tellsKeys ? 'full' : 'nothing'}`);
  }
  if (chance(random, 0.15)) {
    lines.splice(between(random, 0, lines.length), 0, `"goes" int`);
    late.push(`alter table ${name} drop column "goes"`);
  }
  if (chance(random, 0.15)) late.push(`alter table ${name} add column "came" text default 'it''s default'`);
  if (chance(random, 0.12)) late.push(...triggerOf(name, number, random));

  const what = isUnlogged ? 'unlogged table' : 'table';
  const by = sort === 'partitioned' ? partitionsOf(random, name, schema, number, identity) : undefined;
  return {
    ...{
      schema,
      relation,
      name,
      columns,
      identity,
      isNumbered,
      isAlways,
      references,
      key,
      keyTypes,
      tellsKeys,
      isUnlogged,
      parents,
    },
    ...(isTarget && { target: identity }),
    ddl: [
      `create ${what} ${name} (\n  ${[...lines, ...after].join(',\n  ')}\n)${by?.clause ?? ''}`,
      ...(by?.leaves ?? []),
      ...indexes,
    ],
    late,
  };
}

type Sort = 'plain' | 'keyless' | 'unlogged' | 'partitioned';

function sortOf(random: Random): Sort {
  const at = random();
  return at < 0.08 ? 'keyless' : at < 0.14 ? 'unlogged' : at < 0.3 ? 'partitioned' : 'plain';
}

function spanOf(random: Random): string {
  const from = between(random, 0, 40);
  return `'[${from},${from + between(random, 1, 4)})'::int4range`;
}

/** What a trigger changes must not be changed a second time. */
function triggerOf(table: string, number: number, random: Random): string[] {
  const call = `public.touch_${number}()`;
  const enabled = chance(random, 0.3) ? [`alter table ${table} enable always trigger touch`] : [];
  return [
    `create function ${call} returns trigger language plpgsql as 'begin new."touched" = coalesce(new."touched", 0) + 1; return new; end'`,
    `alter table ${table} add column "touched" int`,
    `create trigger touch before insert or update on ${table} for each row execute function ${call}`,
    ...enabled,
  ];
}

function partitionsOf(
  random: Random,
  name: string,
  schema: string,
  number: number,
  { columns, types, keys }: SiteKey,
) {
  const at = between(random, 0, columns.length - 1);
  const part = (suffix: string) => `${q(schema)}.${q(`Part ${number} ${suffix}`)}`;
  const of = (suffix: string, bounds: string) =>
    `create table ${part(suffix)} partition of ${name} ${bounds}`;
  if (/^(integer|bigint|date|timestamptz|uuid)$/.test(types[at]!)) {
    const literal = (key: number) => keys[key]![at]!.replace(/::.*/, '');
    const middle = literal(4);
    if (literal(0) !== middle) {
      return {
        clause: ` partition by range (${columns[at]})`,
        leaves: [
          of('low', `for values from (minvalue) to (${middle})`),
          ...(chance(random, 0.5) && literal(7) > middle && literal(7).length === middle.length
            ? [of('high', `for values from (${middle}) to (${literal(7)})`)]
            : []),
          of('rest', 'default'),
        ],
      };
    }
  }
  return {
    clause: ` partition by hash (${columns[at]})`,
    leaves: [0, 1].map((rest) => of(`${rest}`, `for values with (modulus 2, remainder ${rest})`)),
  };
}
