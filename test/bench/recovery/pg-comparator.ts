/** pg_comparator, https://www.cri.minesparis.psl.eu/~coelho/pg_comparator/: Debian has it as postgresql-comparator. */
import type { TestServer } from '../../support/replica';
import type { Operation } from '../../../lambda/recovery/plan';
import { TABLE } from './data';
import type { Repair } from './judge';
import { type Tool, onPath } from './tool';

/** Where to look for the program, if not on PATH. */
const VARIABLE = 'PG_COMPARATOR';

/**
 * Its own functions for the servers are compiled, and Debian's are for PostgreSQL 15 (`ck`, Jenkins' hash). For another
 * version they would have to be compiled with its headers, so the server's own hash of the same author's stands in: it is
 * written in C as well, and these two are taken into the statement by the planner.
 */
export const FUNCTIONS = `
  create function public.cksum4(text) returns int4 language sql immutable as 'select coalesce(hashtext($1), 0)';
  create function public.cksum8(text) returns int8 language sql immutable as 'select coalesce(hashtextextended($1, 0), 0)'`;

const program = (): string | undefined => process.env[VARIABLE] ?? onPath('pg_comparator');

export const pgComparator: Tool = {
  name: 'pg_comparator',
  ready: async () =>
    program()
      ? undefined
      : `pg_comparator is missing: apt install postgresql-comparator libdbd-pg-perl, or name the program in ${VARIABLE}.`,
  async find({ pair }, programs) {
    const source = ({ host, port }: TestServer) => `DBI:Pg:dbname=postgres;host=${host};port=${port}`;
    const { seconds, peakMiB, output } = await programs.time({
      name: 'pg_comparator',
      program: program()!,
      args: [
        // For "a reasonably distributed integer primary key", says its manual: saves half of the hashing.
        '--use-key',
        ...['--source-1', source(pair.old), '--source-2', source(pair.primary)],
        // What they say besides the table is overruled by the sources.
        ...[`pgsql://postgres@/postgres/${TABLE}`, `pgsql://postgres@/postgres/${TABLE}`],
      ],
      cwd: programs.folder(),
    });
    return { seconds, peakMiB, repairs: proposals(output) };
  },
};

/** What it would do on the second server: `UPDATE 7`. */
export const proposals = (output: string): Repair[] =>
  [...output.matchAll(/^(INSERT|UPDATE|DELETE) (\d+)$/gm)].map(([, word, key]) => ({
    operation: word!.toLowerCase() as Operation,
    key: Number(key),
  }));
