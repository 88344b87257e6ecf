/** Positions in the write-ahead log, as PostgreSQL writes them: `16/B374D848`. */
export type Lsn = string;

const valueOf = (lsn: Lsn): bigint => {
  const [high, low] = lsn.split('/');
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
};

/** Negative when `one` is before `other`, 0 when they are the same. */
export function compareLsn(one: Lsn, other: Lsn): number {
  const difference = valueOf(one) - valueOf(other);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Bytes from `from` to `to`; negative when `to` is before it. */
export const bytesBetween = (from: Lsn, to: Lsn): number => Number(valueOf(to) - valueOf(from));
