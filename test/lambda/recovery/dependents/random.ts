/** Random histories on tables that refer to each other and to themselves in every way, with values that go round. */
import type { TestPostgres } from '../../../support/postgres';
import { make, told, worlds } from './worlds';

const SCHEMA = `
  create table teams (id int primary key, code text unique, up int references teams on delete cascade on update cascade);
  create table users (id int primary key, email text unique, team int references teams on delete set null on update cascade,
    boss int references users on delete restrict deferrable, seat int, unique (seat) deferrable);
  create table docs (id int primary key, owner text not null references users (email) on update cascade on delete cascade, latest int);
  create table versions (doc int references docs on delete cascade on update cascade, no int, id int unique, during int4range,
    primary key (doc, no), exclude using gist (during with &&));
  alter table docs add foreign key (latest) references versions (id) on delete set null;
  create table marks (id int primary key, doc int, no int, foreign key (doc, no) references versions on update cascade);
  create unique index on marks ((doc + no)) where id % 3 = 0;`;

/** Statements of which any may fail: then nothing of it is done. `$` is a number of the side's own or of both. */
function history(random: () => number, length: number, from: number): string {
  const n = () => Math.floor(random() * 12) + (random() < 0.7 ? from : 0);
  const any = () => Math.floor(random() * 12) + (random() < 0.5 ? from : 0);
  const one = (column: string, table: string) =>
    random() < 0.2
      ? 'null'
      : `(select ${column} from ${table} order by md5(${column} || '${any()}') limit 1)`;
  const statements = [
    () => `insert into teams values (${n()}, 'c${any()}', ${one('id', 'teams')})`,
    () =>
      `insert into users values (${n()}, 'e${any()}', ${one('id', 'teams')}, ${one('id', 'users')}, ${any()})`,
    () => `insert into docs values (${n()}, ${one('email', 'users')}, ${one('id', 'versions')})`,
    () =>
      `insert into versions select ${one('id', 'docs')}, ${n()}, ${n()}, int4range(at, at + 3) from (select ${any()} * 3 as at) as x`,
    () => `insert into marks select ${n()}, doc, no from versions order by md5(doc || '${any()}') limit 1`,
    () =>
      `update docs set latest = (select id from versions where doc = docs.id order by no limit 1) where id % 2 = ${any()} % 2`,
    () => `update teams set up = ${one('id', 'teams')} where id % 5 = ${any()} % 5`,
    () => `update teams set code = 'c' || ${any()} where id = ${any()}`,
    () => `update teams set code = 'c' || (substr(code, 2)::int + 1)::text where id % 3 = ${any()} % 3`,
    () => `update teams set id = ${n()} where id = ${any()}`,
    () =>
      `update users set boss = ${one('id', 'users')}, team = ${one('id', 'teams')} where id % 4 = ${any()} % 4`,
    () => `update users set seat = ${any()} - seat`,
    () => `update users set email = 'e' || ${any()} where id = ${any()}`,
    () => `update users set id = ${n()} where id = ${any()}`,
    () => `update docs set id = ${n()} where id = ${any()}`,
    () =>
      `update versions set during = int4range(lower(during) + 1, upper(during) + 1) where no % 2 = ${any()} % 2`,
    () => `update versions set no = ${n()} where no = ${any()}`,
    () => `update marks set doc = null where id % 3 = ${any()} % 3`,
    ...['teams', 'users', 'docs', 'versions', 'marks'].map(
      (table) => () => `delete from ${table} where ${table === 'versions' ? 'no' : 'id'} = ${any()}`,
    ),
  ];
  return Array.from({ length }, () => {
    const statement = statements[Math.floor(random() * statements.length)]!();
    return `begin execute $s$${statement}$s$; exception when others then null; end;`;
  }).join('\n');
}

const block = (statements: string): string => `do $do$ begin ${statements} end $do$`;

/** @throws what does not hold, with the seed */
export async function check(
  server: TestPostgres,
  seed: number,
  isAlone: boolean,
): Promise<{ changes: number; conflicts: number }> {
  const random = numbers(seed);
  const world = await worlds(server, {
    schema: `${SCHEMA} ${block(history(random, 250, 0))}`,
    lost: block(history(random, 60, 100)),
    here: isAlone ? undefined : block(history(random, 20, 50)),
  });
  try {
    const changes = await world.settle();
    const [base, before] = [await world.contents('base'), await world.contents('primary')];
    await make(changes, world);
    const after = await world.contents('primary');
    const conflicts = changes.filter(({ conflict }) => conflict);
    if (isAlone) {
      // What swaps values, and a key that changes under a value to which others refer, cannot be put back; nor what hangs on it.
      if (
        !conflicts.every(({ conflict }) =>
          /swaps|gives up a value|by docs_(latest|owner)_fkey(\.|, on the old)|conflict itself|is a conflict/.test(
            conflict!.why,
          ),
        )
      ) {
        throw new Error(
          `a conflict with nobody:\n${told(conflicts).join('\n')}\n${conflicts.map(({ conflict }) => conflict!.why).join('\n')}`,
        );
      }
      const old = await world.contents('old');
      if (conflicts.length === 0 && old.join() !== after.join())
        throw new Error(
          `it is not what the old one had:\n${old.filter((row) => !after.includes(row)).join('\n')}\nbut\n${after.filter((row) => !old.includes(row)).join('\n')}\n${told(changes).join('\n')}`,
        );
    }
    // What the new primary wrote stays, and what it deleted stays away, or it was made anew by a lost insert.
    const own = before.filter((row) => !base.includes(row));
    const gone = own.filter((row) => !after.includes(row));
    if (gone.length > 0) throw new Error(`it had ${gone.join('; ')}`);
    const expected = new Set(before);
    for (const { table, lost, present, conflict } of changes) {
      if (conflict) continue;
      if (present !== null) expected.delete(`${table}: ${present}`);
      if (lost !== null) expected.add(`${table}: ${lost}`);
    }
    if ([...expected].sort().join('\n') !== after.join('\n')) throw new Error('something else has changed');
    if (process.env['TELL']) {
      const kinds: Record<string, number> = {};
      for (const { conflict } of conflicts) kinds[conflict!.kind] = (kinds[conflict!.kind] ?? 0) + 1;
      console.log(
        `${seed} ${isAlone} rows ${base.length} changes ${changes.length} steps ${new Set(changes.map(({ step }) => step)).size} together ${changes.filter(({ together }) => together).length} ${JSON.stringify(kinds)}`,
      );
    }
    return { changes: changes.length, conflicts: conflicts.length };
  } catch (error) {
    throw new Error(`seed ${seed}${isAlone ? ', alone' : ''}: ${(error as Error).message}`, { cause: error });
  } finally {
    await world.close();
  }
}

/** Always the same ones: mulberry32. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
