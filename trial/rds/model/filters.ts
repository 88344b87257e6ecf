import type { Filter } from '@aws-sdk/client-rds';
import { invalidParameterValue } from './errors';

/**
 * Whether an item has one of the values of each filter. `values` tells what an item has, per name of a filter.
 * @throws RdsError InvalidParameterValue for a filter that there is not, or one without values
 */
export function matches<T>(
  item: T,
  filters: readonly Filter[] | undefined,
  values: Readonly<Record<string, (item: T) => readonly string[]>>,
): boolean {
  return (filters ?? []).every(({ Name = '', Values = [] }) => {
    const valuesOf = values[Name];
    if (!valuesOf) throw invalidParameterValue(`Unrecognized filter name: ${Name}`);
    if (Values.length === 0) throw invalidParameterValue(`The filter ${Name} has no values.`);
    return valuesOf(item).some((value) => Values.includes(value));
  });
}
