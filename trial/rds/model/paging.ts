import { invalidParameterValue } from './errors';

/** API, MaxRecords: "Default: 100. Constraints: Minimum 20, maximum 100." */
const LEAST = 20;
const MOST = 100;

/**
 * One page of `all`. A marker is the key of the last item before it, so that it stays good when others come and go.
 * @throws RdsError InvalidParameterValue
 */
export function page<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  { MaxRecords = MOST, Marker }: { MaxRecords?: number; Marker?: string },
): { items: readonly T[]; marker?: string } {
  if (MaxRecords < LEAST || MaxRecords > MOST) {
    throw invalidParameterValue(
      `Invalid value ${MaxRecords} for MaxRecords. Must be between ${LEAST} and ${MOST}`,
    );
  }
  const start = Marker ? all.findIndex((item) => encoded(keyOf(item)) === Marker) + 1 : 0;
  if (Marker && start === 0) throw invalidParameterValue('The specified marker is invalid.');
  const items = all.slice(start, start + MaxRecords);
  const last = items.at(-1);
  const more = start + MaxRecords < all.length;
  return more && last !== undefined ? { items, marker: encoded(keyOf(last)) } : { items };
}

const encoded = (key: string): string => Buffer.from(key).toString('base64url');
