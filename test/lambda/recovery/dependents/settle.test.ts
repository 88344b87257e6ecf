import { settle } from '../../../../lambda/recovery/dependents/settle';
import { type TestPostgres, startPostgres } from '../../../support/postgres';
import { type Worlds, make, told, worlds } from './worlds';

let server: TestPostgres;
beforeAll(async () => (server = await startPostgres()));
afterAll(() => server?.stop());

let world: Worlds | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

interface Scenario {
  readonly name: string;
  readonly schema: string;
  readonly lost: string;
  /** @default - nothing was written on the new primary */
  readonly here?: string;
  /** As `told` tells it. */
  readonly changes: readonly string[];
  /** Of each conflict, in their order. */
  readonly whys?: readonly RegExp[];
  /** What is on the new primary afterwards. @default - what the old one has */
  readonly then?: readonly string[];
}

const PARENTS = `create table parents (id int primary key, code text unique);
  create table children (id int primary key, parent int references parents, note text);`;

const SCENARIOS: readonly Scenario[] = [
  // Values
  {
    name: 'a unique value that another row has taken here',
    schema: 'create table users (id int primary key, email text unique)',
    lost: `insert into users values (1, 'ada'), (2, 'bob')`,
    here: `insert into users values (11, 'ada')`,
    changes: ['insert public.users (1): value taken', 'insert public.users (2)'],
    whys: [/^public\.users \(11\) has \(ada\) already, which users_email_key allows once\.$/],
    then: ['public.users: (11,ada)', 'public.users: (2,bob)'],
  },
  {
    name: 'a unique value that is freed first',
    schema: `create table users (id int primary key, email text unique);
      insert into users values (1, 'ada'), (2, 'bob'), (3, 'cyd'), (4, 'dan')`,
    lost: `delete from users where id = 4; update users set email = 'dan' where id = 3;
      update users set email = 'cyd' where id = 2; update users set email = 'bob' where id = 1;
      insert into users values (0, 'ada')`,
    changes: [
      'delete public.users (4)',
      'update public.users (3)',
      'update public.users (2)',
      'update public.users (1)',
      'insert public.users (0)',
    ],
  },
  {
    name: 'a unique value that is not freed, as the row that had it was changed here',
    schema: `create table users (id int primary key, email text unique, note text);
      insert into users values (1, 'ada'), (2, 'bob'), (3, 'cyd')`,
    lost: `update users set email = 'x' where id = 1; update users set email = 'ada' where id = 2;
      update users set email = 'bob' where id = 3`,
    here: `update users set note = 'mine' where id = 1`,
    changes: [
      'update public.users (1): both changed',
      'update public.users (2): value taken',
      'update public.users (3): value taken',
    ],
    whys: [
      /after the fork as well\.$/,
      /public\.users \(1\) has \(ada\).*its own lost change is a conflict/,
      /\(bob\)/,
    ],
    then: ['public.users: (1,ada,mine)', 'public.users: (2,bob,)', 'public.users: (3,cyd,)'],
  },
  {
    name: 'two that swap a unique value, and two more',
    schema: `create table users (id int primary key, email text unique);
      insert into users values (1, 'ada'), (2, 'bob'), (3, 'cyd'), (4, 'dan')`,
    lost: `update users set email = email || '_'; update users set email = 'bob' where id = 1;
      update users set email = 'ada' where id = 2; update users set email = 'cyd' where id = 4;
      update users set email = 'dan' where id = 3`,
    changes: [
      'update public.users (2): value taken',
      'update public.users (1): value taken',
      'update public.users (4): value taken',
      'update public.users (3): value taken',
    ],
    whys: [/swaps/, /swaps/, /swaps/, /swaps/],
    then: [
      'public.users: (1,ada)',
      'public.users: (2,bob)',
      'public.users: (3,cyd)',
      'public.users: (4,dan)',
    ],
  },
  {
    name: 'a swap that a deferrable constraint allows is made by one statement',
    schema: `create table seats (id int primary key, place int, unique (place) deferrable);
      insert into seats values (1, 10), (2, 20)`,
    lost: 'update seats set place = 30 - place',
    changes: ['update public.seats (1)', 'update public.seats (2)'],
  },
  {
    name: 'a conflict that is so for a second reason, which is told',
    schema: `create table users (id int primary key, email text unique, note text); insert into users values (1, 'ada')`,
    lost: `update users set email = 'bob'`,
    here: `update users set note = 'mine'; insert into users values (2, 'bob')`,
    changes: ['update public.users (1): both changed'],
    whys: [/as well\. public\.users \(2\) has \(bob\) already/],
    then: ['public.users: (1,ada,mine)', 'public.users: (2,bob,)'],
  },
  {
    name: 'of several columns, nulls, in part, by an expression',
    schema: `create table several (id int primary key, a text, b int, unique (a, b));
      create table nulls (id int primary key, a text, b int, unique nulls not distinct (a, b));
      create table parts (id int primary key, a text, is_gone boolean);
      create unique index on parts (a) where not is_gone;
      create table exprs (id int primary key, a text);
      create unique index on exprs (lower(a), (length(a) % 2));`,
    lost: `insert into several values (1, 'x', 1), (2, 'x', 2), (3, 'x', null);
      insert into nulls values (1, 'x', null), (2, null, null), (3, null, 1);
      insert into parts values (1, 'x', false), (2, 'y', true), (3, 'z', false);
      insert into exprs values (1, 'Ab'), (2, 'CD'), (3, 'e')`,
    here: `insert into several values (11, 'x', 1), (13, 'x', null);
      insert into nulls values (11, 'x', null), (12, null, null), (13, null, 2);
      insert into parts values (11, 'x', false), (12, 'y', false), (13, 'z', true);
      insert into exprs values (11, 'aB'), (12, 'cdE')`,
    changes: [
      'insert public.exprs (1): value taken',
      'insert public.exprs (2)',
      'insert public.exprs (3)',
      'insert public.nulls (1): value taken',
      'insert public.nulls (2): value taken',
      'insert public.nulls (3)',
      'insert public.parts (1): value taken',
      'insert public.parts (2)',
      'insert public.parts (3)',
      'insert public.several (1): value taken',
      'insert public.several (2)',
      'insert public.several (3)',
    ],
    whys: [/\(ab,0\)/, /\(x,\)/, /\(,\)/, /\(x\)/, /\(x,1\)/],
    then: [
      ...['(11,aB)', '(12,cdE)', '(2,CD)', '(3,e)'].map((row) => `public.exprs: ${row}`),
      ...['(11,x,)', '(12,,)', '(13,,2)', '(3,,1)'].map((row) => `public.nulls: ${row}`),
      ...['(11,x,f)', '(12,y,f)', '(13,z,t)', '(2,y,t)', '(3,z,f)'].map((row) => `public.parts: ${row}`),
      ...['(11,x,1)', '(13,x,)', '(2,x,2)', '(3,x,)'].map((row) => `public.several: ${row}`),
    ],
  },
  {
    name: 'ranges that must not overlap, also with one that goes',
    schema: `create table rooms (id int primary key, during int4range, exclude using gist (during with &&) where (id > 0));
      insert into rooms values (1, '[1,5)'), (2, '[5,9)')`,
    lost: `delete from rooms; insert into rooms values (3, '[1,9)'), (4, '[10,20)'), (5, '[30,40)'), (-1, '[1,99)')`,
    here: `insert into rooms values (14, '[11,12)'), (15, '[40,50)'), (-2, '[1,99)'), (-3, '[1,99)')`,
    changes: [
      'delete public.rooms (1)',
      'delete public.rooms (2)',
      'insert public.rooms (-1)',
      'insert public.rooms (4): value taken',
      'insert public.rooms (5)',
      'insert public.rooms (3)',
    ],
    whys: [/public\.rooms \(14\) has \("\[11,12\)"\)/],
    then: [
      '(-1,"[1,99)")',
      '(-2,"[1,99)")',
      '(-3,"[1,99)")',
      '(14,"[11,12)")',
      '(15,"[40,50)")',
      '(3,"[1,9)")',
      '(5,"[30,40)")',
    ].map((row) => `public.rooms: ${row}`),
  },
  {
    name: 'names of every kind',
    schema: `create schema "My ""Shop"""; create type "My ""Shop"""."Mood" as enum ('sad', 'so so');
      create table "My ""Shop"""."t" ("row" int, "key" text, t text, c text, v "My ""Shop"""."Mood", i int, "l,r" text,
        primary key ("key", "row"), unique (t, c), unique (v, "l,r"), unique (i));
      create unique index on "My ""Shop"""."t" ((t || c || "row"));
      create table "My ""Shop"""."T" (v text, t int, "r" int primary key,
        foreign key (v, t) references "My ""Shop"""."t" ("key", "row"))`,
    lost: `insert into "My ""Shop"""."t" values (1, 'a "b"', 't1', 'c', 'sad', 1, 'x,y'), (2, '(,', 't2', null, 'so so', 2, '"');
      insert into "My ""Shop"""."T" values ('a "b"', 1, 1), ('(,', 2, 2)`,
    here: `insert into "My ""Shop"""."t" values (3, 'z', 't3', 'c3', 'so so', 3, '"')`,
    changes: [
      'insert "My ""Shop""".t (a "b", 1)',
      'insert "My ""Shop""".t ((,, 2): value taken',
      'insert "My ""Shop"""."T" (1)',
      'insert "My ""Shop"""."T" (2): parent missing',
    ],
    whys: [/has \("so so",""""\) already/, /t_v_t_fkey.*\(\(,, 2\), which is not put back/i],
    then: [
      '"My ""Shop"""."T": ("a ""b""",1,1)',
      '"My ""Shop""".t: (1,"a ""b""",t1,c,sad,1,"x,y")',
      '"My ""Shop""".t: (3,z,t3,c3,"so so",3,"""")',
    ],
  },
  // Parents
  {
    name: 'a lost family: parents first, then children; and gone in the other direction',
    schema: `${PARENTS} insert into parents values (1, 'a'), (2, 'b'); insert into children values (1, 1), (2, 2)`,
    lost: `delete from children; delete from parents; insert into parents values (3, 'a'); insert into children values (3, 3)`,
    changes: [
      'delete public.children (1)',
      'delete public.children (2)',
      'delete public.parents (1)',
      'delete public.parents (2)',
      'insert public.parents (3)',
      'insert public.children (3)',
    ],
  },
  {
    name: 'a parent that was deleted here',
    schema: `${PARENTS} insert into parents values (1, 'a')`,
    lost: 'insert into children values (1, 1), (2, null)',
    here: 'delete from parents',
    changes: ['insert public.children (1): parent missing', 'insert public.children (2)'],
    whys: [
      /^By children_parent_fkey it refers to public\.parents \(1\), which the new primary does not have\.$/,
    ],
    then: ['public.children: (2,,)'],
  },
  {
    name: 'a parent whose change is a conflict, as it was deleted here',
    schema: `${PARENTS} insert into parents values (1, 'a')`,
    lost: `update parents set code = 'A'; insert into children values (1, 1)`,
    here: 'delete from parents',
    changes: ['update public.parents (1): deleted here', 'insert public.children (1): parent missing'],
    then: [],
  },
  {
    name: 'a stranger has the key of the parent: never attached, nor are grandchildren',
    schema: `${PARENTS} create table toys (id int primary key, child int references children)`,
    lost: `insert into parents values (1, 'a'), (2, 'b'); insert into children values (1, 1), (2, 2);
      insert into toys values (1, 1), (2, 2)`,
    here: `insert into parents values (1, 'stranger')`,
    changes: [
      'insert public.parents (1): key taken',
      'insert public.parents (2)',
      'insert public.children (1): parent missing',
      'insert public.children (2)',
      'insert public.toys (1): parent missing',
      'insert public.toys (2)',
    ],
    whys: [/./, /which is another row on the new primary\.$/, /which is not put back/],
    then: [
      'public.children: (2,2,)',
      'public.parents: (1,stranger)',
      'public.parents: (2,b)',
      'public.toys: (2,2)',
    ],
  },
  {
    name: 'a value by which children refer that is now of a stranger',
    schema: `create table parents (id int primary key, code text unique);
      create table children (id int primary key, parent text references parents (code));
      insert into parents values (1, 'a')`,
    lost: `insert into parents values (2, 'b'); insert into children values (2, 'b'), (1, 'a')`,
    here: `insert into parents values (12, 'b')`,
    changes: [
      'insert public.parents (2): value taken',
      'insert public.children (1)',
      'insert public.children (2): parent missing',
    ],
    then: ['public.children: (1,a)', 'public.parents: (1,a)', 'public.parents: (12,b)'],
  },
  {
    name: 'a parent that both have changed is the same row still',
    schema: `${PARENTS} insert into parents values (1, 'a')`,
    lost: `update parents set code = 'A'; insert into children values (1, 1)`,
    here: `update parents set code = 'mine'`,
    changes: ['update public.parents (1): both changed', 'insert public.children (1)'],
    then: ['public.children: (1,1,)', 'public.parents: (1,mine)'],
  },
  {
    name: 'a child that is pointed elsewhere, to a lost parent and to one that is gone here',
    schema: `${PARENTS} insert into parents values (1, 'a'), (2, 'b');
      insert into children values (1, 1), (2, 1), (3, 1)`,
    lost: `insert into parents values (3, 'c'); update children set parent = 3 where id = 1;
      update children set parent = 2 where id = 2; update children set note = 'x' where id = 3`,
    here: 'delete from parents where id = 2',
    changes: [
      'insert public.parents (3)',
      'update public.children (2): parent missing',
      'update public.children (3)',
      'update public.children (1)',
    ],
    then: [
      'public.children: (1,3,)',
      'public.children: (2,1,)',
      'public.children: (3,1,x)',
      'public.parents: (1,a)',
      'public.parents: (3,c)',
    ],
  },
  {
    name: 'equal values that are written differently: only the database knows',
    schema: `create table parents (id numeric primary key, note text);
      create table children (id int primary key, parent numeric(6,3) references parents)`,
    lost: `insert into parents values (1.5), (2.50); insert into children values (1, 1.5), (2, 2.5)`,
    here: `insert into parents values (1.50, 'stranger')`,
    changes: [
      'insert public.parents (1.5): key taken',
      'insert public.parents (2.50)',
      'insert public.children (1): parent missing',
      'insert public.children (2)',
    ],
    then: ['public.children: (2,2.500)', 'public.parents: (1.50,stranger)', 'public.parents: (2.50,)'],
  },
  {
    name: 'keys of several columns in another order, and only some of them null',
    schema: `create table parents (a int, b int, primary key (b, a));
      create table children (id int primary key, x int, y int, foreign key (y, x) references parents (a, b));
      insert into parents values (1, 2)`,
    lost: `insert into parents values (3, 4); insert into children values (1, 2, 1), (2, 4, 3), (3, 9, null);
      delete from children where id = 1; delete from parents where a = 1`,
    here: 'insert into children values (11, 2, 1)',
    changes: [
      'delete public.parents (2, 1): still referred to',
      'insert public.parents (4, 3)',
      'insert public.children (3)',
      'insert public.children (2)',
    ],
    whys: [/^public\.children \(11\) refers to it by children_y_x_fkey\.$/],
    then: [
      ...['(11,2,1)', '(2,4,3)', '(3,9,)'].map((row) => `public.children: ${row}`),
      'public.parents: (1,2)',
      'public.parents: (3,4)',
    ],
  },
  // Children
  ...['cascade', 'set null', 'restrict', 'no action', 'no action deferrable initially deferred'].map(
    (how): Scenario => ({
      name: `rows that were written here keep their parent, on delete ${how}`,
      schema: `create table parents (id int primary key);
        create table children (id int primary key, parent int references parents on delete ${how});
        insert into parents values (1), (2); insert into children values (1, 1), (2, 2)`,
      lost: 'delete from children; delete from parents',
      here: 'insert into children values (11, 1)',
      changes: [
        'delete public.children (1)',
        'delete public.children (2)',
        'delete public.parents (1): still referred to',
        'delete public.parents (2)',
      ],
      whys: [/^public\.children \(11\) refers to it/],
      then: ['public.children: (11,1)', 'public.parents: (1)'],
    }),
  ),
  {
    name: 'a child that was changed here keeps its parent, and the grandparent',
    schema: `create table grands (id int primary key);
      create table parents (id int primary key, grand int references grands on delete cascade);
      create table children (id int primary key, parent int references parents on delete cascade, note text);
      insert into grands values (1); insert into parents values (1, 1); insert into children values (1, 1), (2, 1)`,
    lost: 'delete from grands',
    here: `update children set note = 'mine' where id = 1`,
    changes: [
      'delete public.children (1): changed here',
      'delete public.children (2)',
      'delete public.parents (1): still referred to',
      'delete public.grands (1): still referred to',
    ],
    whys: [/./, /its own lost change is a conflict/, /its own lost change is a conflict/],
    then: ['public.children: (1,1,mine)', 'public.grands: (1)', 'public.parents: (1,1)'],
  },
  {
    name: 'children of a table without key, which are not recovered',
    schema: `create table parents (id int primary key); create table keyless (parent int references parents on delete cascade);
      insert into parents values (1), (2); insert into keyless values (1)`,
    lost: 'delete from parents',
    changes: ['delete public.parents (1): still referred to', 'delete public.parents (2)'],
    whys: [/^Rows of public\.keyless refer to it by keyless_parent_fkey\.$/],
    then: ['public.keyless: (1)', 'public.parents: (1)'],
  },
  {
    name: 'a tree in one table, there and gone',
    schema: `create table nodes (id int primary key, up int references nodes on delete cascade);
      insert into nodes values (1, null), (2, 1), (3, 2), (4, 4), (5, null)`,
    lost: `delete from nodes where id in (1, 4); insert into nodes values (9, null), (8, 9), (7, 8), (6, 6), (10, 5)`,
    changes: [
      'delete public.nodes (3)',
      'delete public.nodes (4)',
      'delete public.nodes (2)',
      'delete public.nodes (1)',
      'insert public.nodes (10)',
      'insert public.nodes (6)',
      'insert public.nodes (9)',
      'insert public.nodes (8)',
      'insert public.nodes (7)',
    ],
  },
  {
    name: 'a key that changes: the new one, its children, then the old one',
    schema: `create table parents (id int primary key, note text);
      create table children (id int primary key, parent int references parents on update cascade on delete cascade);
      insert into parents values (1, 'a'); insert into children values (1, 1), (2, 1)`,
    lost: 'update parents set id = 5',
    changes: [
      'insert public.parents (5)',
      'update public.children (1)',
      'update public.children (2)',
      'delete public.parents (1)',
    ],
  },
  {
    name: 'a key that changes with a child that was written here',
    schema: `create table parents (id int primary key, note text);
      create table children (id int primary key, parent int references parents on update cascade on delete cascade);
      insert into parents values (1, 'a'); insert into children values (1, 1)`,
    lost: 'update parents set id = 5',
    here: 'insert into children values (2, 1)',
    changes: [
      'insert public.parents (5)',
      'update public.children (1)',
      'delete public.parents (1): still referred to',
    ],
    then: [
      'public.children: (1,5)',
      'public.children: (2,1)',
      'public.parents: (1,a)',
      'public.parents: (5,a)',
    ],
  },
  // Cycles
  {
    name: 'two tables that refer to each other, without anything deferrable',
    schema: `create table docs (id int primary key, latest int);
      create table versions (id int primary key, doc int not null references docs on delete cascade);
      alter table docs add foreign key (latest) references versions;
      insert into docs values (1, null); insert into versions values (1, 1); update docs set latest = 1`,
    lost: `insert into docs values (2, null), (3, null); insert into versions values (2, 2), (3, 3);
      update docs set latest = id; update docs set latest = null where id = 1; delete from docs where id = 1`,
    changes: [
      'delete public.docs (1)',
      'delete public.versions (1)',
      'insert public.docs (2)',
      'insert public.docs (3)',
      'insert public.versions (2)',
      'insert public.versions (3)',
    ],
  },
  {
    name: 'a referred value that changes in the parent, with a cascade',
    schema: `create table parents (id int primary key, code text unique);
      create table children (id int primary key, parent text references parents (code) on update cascade);
      insert into parents values (1, 'a'), (2, 'b'); insert into children values (1, 'a'), (2, 'b')`,
    lost: `update parents set code = upper(code)`,
    changes: [
      'update public.children (1)',
      'update public.children (2)',
      'update public.parents (1)',
      'update public.parents (2)',
    ],
  },
  {
    name: 'a key that changes while another value stays: freed, taken, children pointed to it, by one statement',
    schema: `create table parents (id int primary key, code text unique);
      create table children (id int primary key, parent int references parents on update cascade on delete cascade);
      insert into parents values (1, 'a'); insert into children values (1, 1)`,
    lost: 'update parents set id = 5',
    changes: ['delete public.parents (1)', 'update public.children (1)', 'insert public.parents (5)'],
  },
  {
    name: 'partitions, by their root',
    schema: `create table days (day date, id int, primary key (day, id)) partition by range (day);
      create table days_1 partition of days for values from ('2026-01-01') to ('2026-02-01');
      create table days_2 partition of days for values from ('2026-02-01') to ('2026-03-01');
      create table notes (id int primary key, day date, no int, foreign key (day, no) references days on delete cascade);
      insert into days values ('2026-01-05', 1), ('2026-02-05', 1); insert into notes values (1, '2026-01-05', 1)`,
    lost: `delete from days; insert into days values ('2026-02-09', 9); insert into notes values (9, '2026-02-09', 9)`,
    here: `insert into notes values (2, '2026-02-05', 1)`,
    changes: [
      'delete public.notes (1)',
      'delete public.days (2026-02-05, 1): still referred to',
      'delete public.days (2026-01-05, 1)',
      'insert public.days (2026-02-09, 9)',
      'insert public.notes (9)',
    ],
    then: [
      'public.days: (2026-02-05,1)',
      'public.days: (2026-02-09,9)',
      'public.notes: (2,2026-02-05,1)',
      'public.notes: (9,2026-02-09,9)',
    ],
  },
  {
    name: 'a foreign key to one partition, from another one with its columns in another order',
    schema: `create table days (day int, id int, primary key (id, day)) partition by range (day);
      create table days_1 (id int not null, day int not null); alter table days_1 add primary key (id, day);
      alter table days attach partition days_1 for values from (1) to (10);
      create table notes (id int primary key, no int, day int, foreign key (no, day) references days_1 (id, day) on delete cascade);
      insert into days (day, id) values (1, 100), (2, 200); insert into notes values (1, 100, 1), (2, 200, 2)`,
    lost: 'delete from notes; delete from days; insert into days (day, id) values (3, 300); insert into notes values (3, 300, 3)',
    here: 'insert into notes values (12, 200, 2)',
    changes: [
      'delete public.notes (1)',
      'delete public.notes (2)',
      'delete public.days (100, 1)',
      'delete public.days (200, 2): still referred to',
      'insert public.days (300, 3)',
      'insert public.notes (3)',
    ],
    then: [
      'public.days: (2,200)',
      'public.days: (3,300)',
      'public.notes: (12,200,2)',
      'public.notes: (3,300,3)',
    ],
  },
];

it.each(SCENARIOS)('$name', async ({ schema, lost, here, changes, whys, then }) => {
  world = await worlds(server, { schema, lost, here });
  const settled = await world.settle();
  expect(told(settled)).toEqual(changes);
  expect(settled.map(({ number }) => number)).toEqual(settled.map((_, i) => i + 1));
  if (whys) {
    const said = settled.flatMap(({ conflict }) => conflict?.why ?? []);
    expect(said).toEqual(whys.map((why) => expect.stringMatching(why)));
  }
  await make(settled, world);
  expect(await world.contents('primary')).toEqual(then ? [...then].sort() : await world.contents('old'));
});

it('does not attach a lost child to a stranger because an earlier run has decided on its parent', async () => {
  world = await worlds(server, {
    schema: PARENTS,
    lost: `insert into parents values (1, 'a'), (2, 'b'), (3, 'c');
      insert into children values (1, 1), (2, 2), (3, 3)`,
    here: `insert into parents values (1, 'stranger'), (12, 'b')`,
  });
  const isDecided = ({ table, key }: { table: string; key: readonly string[] }) =>
    table === 'public.parents' && key[0] !== '3';
  const changes = await settle(
    world.drafts.filter((draft) => !isDecided(draft)),
    world.tables,
    world.primary,
    () => {},
    world.drafts.filter(isDecided),
  );
  expect(told(changes)).toEqual([
    'insert public.parents (3)',
    'insert public.children (3)',
    'insert public.children (1): parent missing',
    'insert public.children (2): parent missing',
  ]);
  expect(changes.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
});
