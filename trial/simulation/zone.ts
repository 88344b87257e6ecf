/** The private hosted zone, and who has heard of which of its versions. */
import type { SeenNames } from '../../lambda/failover/observation';
import { CallFailed } from '../../lambda/failover/ports';
import type { SimulatedClock } from './clock';
import { between, chance, type Random } from './random';

/** Route 53: a change is in place "generally within 60 seconds". */
const LONGEST_PROPAGATION_MILLIS = 60_000;
const USUAL_PROPAGATION_MILLIS = 10_000;

/** TTL of both names. */
export const TTL_MILLIS = 5_000;

interface Version {
  readonly names: SeenNames;
  /** When each resolver sees it: milliseconds since 1970. */
  readonly seenAt: readonly number[];
}

export class Zone {
  private readonly versions: Version[];

  constructor(
    private readonly props: {
      readonly clock: SimulatedClock;
      readonly random: Random;
      readonly resolvers: number;
    },
    first: SeenNames,
  ) {
    this.versions = [{ names: first, seenAt: Array.from({ length: props.resolvers }, () => 0) }];
  }

  /** As the zone has it now. */
  get names(): SeenNames {
    return this.versions.at(-1)!.names;
  }

  /**
   * One batch. Records are made or changed to `to`; those of `from` that `to` lacks are deleted, and must be there as
   * `from` has them.
   *
   * @throws CallFailed invalid, and nothing is changed
   */
  change(from: SeenNames, to: SeenNames): void {
    const isThere = ({ identifier, target, weight }: SeenNames['readers'][number]) =>
      this.names.readers.some(
        (one) => one.identifier === identifier && one.target === target && one.weight === weight,
      );
    const goes = from.readers.filter((one) => !to.readers.some((kept) => kept.identifier === one.identifier));
    if (!goes.every(isThere)) throw new CallFailed('invalid', 'A record that is to be deleted is not there.');
    const gone = new Set(goes.map(({ identifier }) => identifier));
    const changed = new Map(this.names.readers.map((one) => [one.identifier, one]));
    for (const identifier of gone) changed.delete(identifier);
    for (const one of to.readers) changed.set(one.identifier, one);
    this.put({ writer: to.writer ?? this.names.writer, readers: [...changed.values()] });
  }

  private put(names: SeenNames): void {
    const { clock, random, resolvers } = this.props;
    const delay = () =>
      between(random, 0, chance(random, 0.2) ? LONGEST_PROPAGATION_MILLIS : USUAL_PROPAGATION_MILLIS);
    this.versions.push({
      names: JSON.parse(JSON.stringify(names)) as SeenNames,
      seenAt: Array.from({ length: resolvers }, () => clock.now() + delay()),
    });
  }

  /** As a resolver answers now: an older answer for a while after each change. */
  seenBy(resolver: number): SeenNames {
    const now = this.props.clock.now();
    for (let index = this.versions.length - 1; index > 0; index--) {
      if (this.versions[index]!.seenAt[resolver]! <= now) return this.versions[index]!.names;
    }
    return this.versions[0]!.names;
  }
}

/** The reader that a weighted answer leads to; records of weight 0 only when there is no other. */
export function someReader({ readers }: SeenNames, random: Random): string | undefined {
  const weights = readers.map(({ weight }) => weight);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum === 0) return readers[Math.floor(random() * readers.length)]?.target;
  let left = random() * sum;
  for (const { weight, target } of readers) {
    left -= weight;
    if (left < 0) return target;
  }
  return readers.at(-1)?.target;
}
