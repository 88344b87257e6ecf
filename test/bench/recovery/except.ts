/**
 * Plain SQL: the old table is copied to the new primary, then EXCEPT in both directions. What a person does who has
 * nothing else. Its time includes the copy.
 */
import { connect, type Server } from '../../../lambda/recovery/connect';
import { TABLE } from './data';
import { type Repair, twoWay } from './judge';

const FOREIGN = 'old_primary';

/** Leaves nothing behind. */
export async function exceptBothWays(old: Server, primary: Server): Promise<Repair[]> {
  const session = await connect(primary, { isReadOnly: false });
  const [schema, table] = TABLE.split('.');
  try {
    await session.ask('begin');
    // Somebody who waits for it gives it memory.
    await session.ask(`set local work_mem = '256MB'`);
    await session.ask(`
      create server ${FOREIGN} foreign data wrapper postgres_fdw
        options (host '${old.host}', port '${old.port}', dbname '${old.database}', fetch_size '10000');
      create user mapping for current_user server ${FOREIGN} options (user '${old.user}', password_required 'false');
      create schema ${FOREIGN};
      import foreign schema ${schema} limit to (${table}) from server ${FOREIGN} into ${FOREIGN};
      create temporary table copied as table ${FOREIGN}.${table};
      analyze copied`);
    const rows = await session.ask<{ side: string; id: string }>(`
      select 'old' as side, id from (table copied except table ${TABLE}) as there
      union all
      select 'new', id from (table ${TABLE} except table copied) as here`);
    const keys = (wanted: string) => rows.filter(({ side }) => side === wanted).map(({ id }) => Number(id));
    return twoWay(keys('old'), keys('new'));
  } finally {
    await session.ask('rollback').catch(() => undefined);
    await session.close();
  }
}
