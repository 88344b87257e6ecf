/** One link of the chain that a request follows. */
export interface Link {
  readonly name: string;
  /** What stands there: one or more. */
  readonly found: readonly string[];
  /** Why it is right: what was looked at. */
  readonly evidence: readonly string[];
  /** Present when it is not. */
  readonly wrong?: Wrong;
}

export interface Wrong {
  readonly expected: string;
  readonly found: string;
}

/** Something that must hold for a link to be right. */
export interface Claim extends Wrong {
  readonly holds: boolean;
  /** The sentence that stands in the table when it holds. */
  readonly evidence: string;
}

/** `holds`, or else `expected` was wanted and `found` was there. */
export const claim = (holds: boolean, evidence: string, expected: string, found: string): Claim => ({
  holds,
  evidence,
  expected,
  found: found || 'nothing',
});

/** The link cannot be followed any further. */
class Broken extends Error {}

/** Collects links in the order of the walk; the first one without anything at its end is the last. */
export class Chain {
  readonly links: Link[] = [];

  /** Adds a link with all that is claimed of it; the first claim that does not hold makes it wrong. */
  add(name: string, found: readonly string[], claims: readonly Claim[]): void {
    const wrong = claims.find(({ holds }) => !holds);
    this.links.push({
      name,
      found,
      evidence: claims.filter(({ holds }) => holds).map(({ evidence }) => evidence),
      ...(wrong && { wrong: { expected: wrong.expected, found: wrong.found } }),
    });
  }

  /** `value`, which the walk goes on from; without it the chain ends here. */
  need<T>(value: T | undefined, name: string, expected: string, found: string): T {
    if (value !== undefined) return value;
    this.links.push({ name, found: [], evidence: [], wrong: { expected, found: found || 'nothing' } });
    throw new Broken(name);
  }

  /** Follows the chain as far as it goes. */
  follow(walk: () => void): readonly Link[] {
    try {
      walk();
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
    }
    return this.links;
  }
}
