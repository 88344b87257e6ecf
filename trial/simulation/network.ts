/** Who reaches whom. */

/** `controller`, `clients`, `rds`, `journal`, `names`, `stack`, or the resource id of a database. */
export type Party = string;

const key = (one: Party, other: Party) => (one < other ? `${one}|${other}` : `${other}|${one}`);

/** Packets between two parties vanish while somebody has cut them off; several faults may have cut the same two. */
export class Network {
  private readonly cuts = new Map<string, number>();
  private readonly alone = new Map<Party, number>();

  /** @returns what takes it back */
  cut(one: Party, other: Party): () => void {
    return count(this.cuts, key(one, other));
  }

  /** From everybody. @returns what takes it back */
  isolate(party: Party): () => void {
    return count(this.alone, party);
  }

  get isWhole(): boolean {
    return this.cuts.size === 0 && this.alone.size === 0;
  }

  isAlone = (party: Party): boolean => this.alone.has(party);

  blocked(one: Party, other: Party): boolean {
    if (this.isWhole) return false;
    return this.alone.has(one) || this.alone.has(other) || this.cuts.has(key(one, other));
  }
}

function count(counts: Map<string, number>, of: string): () => void {
  counts.set(of, (counts.get(of) ?? 0) + 1);
  let taken = false;
  return () => {
    if (taken) return;
    taken = true;
    const left = counts.get(of)! - 1;
    if (left > 0) counts.set(of, left);
    else counts.delete(of);
  };
}
