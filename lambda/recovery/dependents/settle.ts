/** What changes mean for each other, and for rows that they do not touch: the last conflicts, and the order. */
import type { Change, Draft } from '../plan';
import type { Report } from '../progress';
import type { Session } from '../session';
import type { Table } from '../table';
import { conflictsOf } from './conflicts';
import { type Demand, type Facts, type Hazard, demandsOf, hazardsOf } from './demands';
import { readDeferrables, readLinks } from './links';
import { type Wait, orderOf } from './order';
import { findChildren, findPairs, findParents } from './relatives';
import { findRivals } from './rivals';
import { type Rows, rowsOf } from './rows';

/**
 * A draft that cannot be made without harm becomes a conflict: its value is another row's, its parent is not there or is a
 * stranger, rows refer to it. Then all are numbered, conflicts too, as they can be made one after the other: what a
 * person decides to replace comes in its place.
 *
 * @param tables all that can be recovered: a table that is not among them may refer to these, and is looked at, but its
 * rows stay
 * @param decided rows that an earlier run has left as they are, kept or changed since: they are not made and not returned,
 * but what refers to them is not attached to whoever has their key or value here. (A row that was put back is no such row.)
 * @throws Problem; LostConnection; what PostgreSQL refuses
 */
export async function settle(
  drafts: readonly Draft[],
  tables: readonly Table[],
  primary: Session,
  report: Report = () => {},
  decided: readonly Draft[] = [],
): Promise<Change[]> {
  if (drafts.length === 0) return [];
  const keyed = tables.filter(({ key }) => key);
  const links = await readLinks(primary, keyed);
  const deferrables = await readDeferrables(primary);
  const rows = rowsOf([...drafts, ...decided.map(leftAsItIs)], keyed, links);
  const step = (done: number) => report({ step: 'dependencies', done, total: 4, unit: 'look-ups' });
  step(0);
  const rivals = await findRivals(rows, keyed, deferrables, primary);
  step(1);
  const pairs = await findPairs(rows, links, primary);
  step(2);
  const parents = await findParents(rows, links, pairs, primary);
  step(3);
  const children = await findChildren(rows, links, primary);
  step(4);
  const facts: Facts = { rivals, pairs, parents, children };
  return numbered(rows, demandsOf(rows, links, facts), hazardsOf(rows, facts), drafts.length);
}

const leftAsItIs = (draft: Draft): Draft => ({
  ...draft,
  conflict: draft.conflict ?? { kind: 'changed here', why: 'An earlier run has left it as it is.' },
});

/** With conflicts and numbers. @param told so many of the rows, the first ones */
export function numbered(
  rows: Rows,
  demands: readonly Demand[],
  hazards: readonly Hazard[],
  told: number,
): Change[] {
  const conflicts = conflictsOf(rows.all, demands, hazards);
  const waits = demands.filter(isWait);
  const nodes = rows.all.map(({ draft }) => draft);
  let number = 0;
  return orderOf(nodes, waits).flatMap(({ members, together }, step) =>
    members
      .filter((place) => place < told)
      .map((place): Change => {
        const conflict = conflicts[place];
        return {
          number: ++number,
          ...nodes[place]!,
          ...(conflict && { conflict }),
          step: step + 1,
          ...(together && { together }),
        };
      }),
  );
}

const isWait = (demand: Demand): demand is Demand & Wait =>
  demand.on !== undefined && demand.on !== demand.of;
