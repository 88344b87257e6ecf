/** How fast lost rows are put back. */
import { type Applied, apply } from '../../../lambda/recovery/apply';
import { type Stand, startStand } from '../../lambda/recovery/apply/stand';
import { BenchFailure } from '../failure';
import type { Section } from '../figure';
import type { Bench } from '../part';
import { quantity } from '../print';

const ROWS = 100_000;

/** An index besides the key's, and a foreign key, as tables of sites have them. */
const SCHEMA = `
  create table customers (id bigint generated always as identity primary key, name text not null);
  create table orders (
    id bigint generated always as identity primary key, customer bigint not null references customers,
    note text, amount numeric(10, 2), ordered_at timestamptz not null, data jsonb);
  create index on orders (customer);
  insert into customers (name) select 'customer ' || i from generate_series(1, 1000) as i;`;

const orders = (note: string) => `
  insert into orders (customer, note, amount, ordered_at, data)
  select 1 + i % 1000, '${note} ' || i, i / 7.0, timestamptz '2026-01-01' + i * interval '1 second', jsonb_build_object('i', i)
    from generate_series(1, ${ROWS}) as i;`;

const CASES = [
  ['inserts', '', orders('lost')],
  ['updates', orders('known'), `update orders set note = note || ', and lost'`],
  ['deletes', orders('known'), 'delete from orders'],
] as const;

export async function recoveryApply({
  runs,
  say,
  signal,
}: Pick<Bench, 'runs' | 'say' | 'signal'>): Promise<Section> {
  const figures = CASES.map(([what]) => ({ what, values: [] as number[] }));
  const server = await startStand({ settings: { shared_buffers: '256MB', max_wal_size: '4GB' } });
  try {
    for (let run = 1; run <= runs; run++) {
      for (const [at, [what, known, lost]] of CASES.entries()) {
        if (signal.aborted) throw new BenchFailure('It was ended before it was over.');
        const { rowsPerSecond } = await once(server, SCHEMA + known, lost);
        figures[at]!.values.push(rowsPerSecond);
        say(`${what} ${run} of ${runs}: ${quantity(rowsPerSecond, 'rows/s')}`);
      }
    }
  } finally {
    await server.stop();
  }
  return {
    part: 'recovery-apply',
    title: `Putting ${ROWS.toLocaleString('en')} lost rows back`,
    about:
      'A plan of so many changes of one table (six columns, two indexes, a foreign key, an identity) is applied with its ledger, as the role recovery, from reading the plan in memory to the end; without waiting for the disk (fsync off).',
    figures: figures.map(({ what, values }) => ({
      name: what,
      unit: 'rows/s',
      values,
      goal: { atLeast: 20_000 },
    })),
  };
}

async function once(stand: Stand, both: string, lost: string): Promise<Applied> {
  const site = await stand.site(both, lost);
  try {
    await site.admin.ask('vacuum analyze');
    await site.admin.ask('checkpoint');
    const plan = await site.plan(['public.orders']);
    const applied = await apply({ plan, primary: site.primary });
    const { isComplete, counts } = applied;
    const [here, there] = [
      await site.rows('primary', 'public.orders'),
      await site.rows('old', 'public.orders'),
    ];
    if (!isComplete || counts.applied !== ROWS || here.length !== there.length) {
      throw new BenchFailure(`Of ${ROWS} changes not all were made: ${JSON.stringify(counts)}.`);
    }
    if (here.some((row, at) => row !== there[at]))
      throw new BenchFailure('The rows are not those that were lost.');
    return applied;
  } finally {
    await site.close();
  }
}
