/**
 * Memory and processors of a DB instance class, which follow from its name for all that RDS for PostgreSQL offers (guide,
 * "Hardware specifications for DB instance classes"; lib/settings/offers-table.json).
 */

/** GiB of an `xlarge`. */
const MEMORY: Readonly<Record<string, number>> = { m: 16, r: 32, t: 16, x2g: 64, x2iedn: 128 };
const PROCESSORS_OF_XLARGE = 4;
/** Smaller ones, as parts of an `xlarge`. */
const PARTS: Readonly<Record<string, number>> = { micro: 1 / 16, small: 1 / 8, medium: 1 / 4, large: 1 / 2 };
/** Of every class from `micro` to `large`. */
const FEWEST_PROCESSORS = 2;

const parse = (name: string): { readonly family: string; readonly share: number } => {
  const [, family = '', size = ''] = name.split('.');
  return { family, share: PARTS[size] ?? Number(size.replace(/x?large$/, '') || 1) };
};

/** GiB. */
export function memoryOf(instanceClass: string): number {
  const { family, share } = parse(instanceClass);
  return share * (MEMORY[family] ?? MEMORY[family[0]!]!);
}

export const processorsOf = (instanceClass: string): number =>
  Math.max(FEWEST_PROCESSORS, parse(instanceClass).share * PROCESSORS_OF_XLARGE);
