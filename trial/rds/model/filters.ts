import type { Filter } from '@aws-sdk/client-rds';
import { invalidParameterCombination, invalidParameterValue } from './errors';

/**
 * The items that have one of the values of each filter. `values` tells what an item has, per name of a filter.
 * @throws RdsError InvalidParameterValue for a filter that there is not, InvalidParameterCombination for one without
 *   values; that is what moto found AWS to say (tests/test_rds/test_filters.py)
 */
export function filtered<T>(
  items: readonly T[],
  filters: readonly Filter[] | undefined,
  values: Readonly<Record<string, (item: T) => readonly string[]>>,
): T[] {
  const demands = (filters ?? []).map(({ Name = '', Values = [] }) => {
    const valuesOf = values[Name];
    if (!valuesOf) throw invalidParameterValue(`Unrecognized filter name: ${Name}`);
    if (Values.length === 0) {
      throw invalidParameterCombination(`The list of values of ${Name} must not be empty.`);
    }
    return (item: T) => valuesOf(item).some((value) => Values.includes(value));
  });
  return items.filter((item) => demands.every((meets) => meets(item)));
}

/**
 * An identifier beside a filter by that identifier is one more value of the filter, and not a filter of its own: what moto
 * found AWS to do (tests/test_rds/test_filters.py, "will return those other resources").
 */
export function withIdentifier(
  filters: readonly Filter[] | undefined,
  name: string,
  identifier: string | undefined,
): readonly Filter[] {
  if (identifier === undefined) return filters ?? [];
  const same = filters?.find(({ Name }) => Name === name);
  const others = (filters ?? []).filter((filter) => filter !== same);
  return [...others, { Name: name, Values: [...(same?.Values ?? []), identifier] }];
}
