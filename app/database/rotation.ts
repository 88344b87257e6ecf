/**
 * Which databases a name stands for, and whose turn it is: pure functions.
 *
 * The reader name is a weighted one: each lookup gives one replica, the same for as long as a
 * resolver keeps the answer (5 s). A pool that connects to "the name" would make all connections of a
 * busy moment to one replica, and lean on it until they age. So the client collects the real names
 * that it sees and spreads its reads over them itself, one after the other: even within one request,
 * whatever order DNS answers in. Weights thereby say who takes part, not how much.
 */

/** As our zone has it: docs of the reader name are in lib/data; the writer's is the same. */
export const TTL_MILLIS = 5_000;

/** One in a thousand: how seldom a name that still takes part is taken for gone. */
const MISTAKEN = 0.001;

/**
 * How long a name may go without being answered before it counts as gone, in milliseconds.
 * Of n names with the same weight, a given one is missing from k independent answers with the
 * probability (1 - 1/n)^k: two names have 50 s, three 90 s. A dead database does not wait for this:
 * it is left out at its first failed connection, and one that lags serves no read with a token.
 * @param names how many are known
 */
export const patienceMillis = (names: number): number =>
  TTL_MILLIS * Math.ceil(Math.log(MISTAKEN) / Math.log(1 - 1 / Math.max(2, names)));

export interface Candidate {
  /** Pieces of work it has at this moment. */
  readonly inFlight: number;
  /** When it was chosen last, as a number that only grows; 0: never. */
  readonly turn: number;
}

/**
 * One that has all its connections in use is passed over while another has one free: otherwise a
 * frozen one would collect requests until it holds them all. Not "least busy first": a slightly
 * quicker one would take nearly everything, and connections that are just being made would tell.
 * @param connections how many each may have in use
 * @returns the one that waited longest; none of none
 */
export function nextInTurn<C extends Candidate>(
  candidates: readonly C[],
  connections: number,
): C | undefined {
  const free = candidates.filter(({ inFlight }) => inFlight < connections);
  return (free.length > 0 ? free : candidates).reduce<C | undefined>(
    (first, one) => (first && first.turn <= one.turn ? first : one),
    undefined,
  );
}
