/** Whether a request is one that the service's description allows. */
import type { Description, Shape } from './botocore';

/**
 * @param input as a client is given it
 * @returns a sentence for each thing that does not fit; none: the request is well formed
 */
export function problemsOf(description: Description, operation: string, input: object): string[] {
  const known = description.operations[operation];
  if (!known) return [`${operation} is no operation of ${description.metadata.serviceId}`];
  if (!known.input) return Object.keys(input).length > 0 ? [`${operation} takes no parameters`] : [];
  return check(description, known.input.shape, input, operation);
}

/** @param at where the value is, for people: `ModifyDBInstance.Tags[0]` */
function check(description: Description, name: string, value: unknown, at: string): string[] {
  const shape = description.shapes[name]!;
  const inner = (shapeName: string, one: unknown, where: string) => check(description, shapeName, one, where);
  const fitting = <T>(fits: (one: unknown) => one is T, what: string, then: (one: T) => string[]) =>
    fits(value) ? then(value) : [`${at} must be ${what}, not ${JSON.stringify(value)}`];

  switch (shape.type) {
    case 'structure':
      return fitting(isRecord, 'a structure', (given) => [
        ...missing(shape, given).map((member) => `${at} lacks ${member}`),
        ...Object.entries(given).flatMap(([member, one]) => {
          const found = shape.members?.[member];
          return found ? inner(found.shape, one, `${at}.${member}`) : [`${at} has no member ${member}`];
        }),
      ]);
    case 'list':
      return fitting(Array.isArray, 'a list', (given) => [
        ...within(shape, given.length, `${at} has`, 'elements'),
        ...given.flatMap((one, index) => inner(shape.member!.shape, one, `${at}[${index}]`)),
      ]);
    case 'map':
      return fitting(isRecord, 'a map', (given) => [
        ...within(shape, Object.keys(given).length, `${at} has`, 'entries'),
        ...Object.entries(given).flatMap(([key, one]) => [
          ...inner(shape.key!.shape, key, `the key ${key} of ${at}`),
          ...inner(shape.value!.shape, one, `${at}.${key}`),
        ]),
      ]);
    case 'string':
      return fitting(isString, 'a text', (given) => [
        ...within(shape, given.length, `${at} has`, 'characters'),
        ...(shape.enum && !shape.enum.includes(given)
          ? [`${at} is "${given}", none of ${shape.enum.join(', ')}`]
          : []),
        ...(shape.pattern && !patternOf(shape.pattern).test(given)
          ? [`${at} is "${given}", not as ${shape.pattern}`]
          : []),
      ]);
    case 'boolean':
      return fitting(isBoolean, 'true or false', () => []);
    case 'integer':
    case 'long':
      return fitting(isWhole, 'a whole number', (given) => within(shape, given, `${at} is`, ''));
    case 'float':
    case 'double':
      return fitting(isNumber, 'a number', (given) => within(shape, given, `${at} is`, ''));
    case 'timestamp':
      return fitting(isDate, 'a date', () => []);
    case 'blob':
      return value === undefined || value === null ? [`${at} must be bytes`] : [];
    default:
      return [`${at} is a ${shape.type}, which test/aws/description.ts does not know`];
  }
}

const isRecord = (one: unknown): one is Record<string, unknown> =>
  typeof one === 'object' && one !== null && !Array.isArray(one);
const isString = (one: unknown): one is string => typeof one === 'string';
const isBoolean = (one: unknown): one is boolean => typeof one === 'boolean';
const isNumber = (one: unknown): one is number => typeof one === 'number';
const isWhole = (one: unknown): one is number => Number.isInteger(one);
const isDate = (one: unknown): one is Date => one instanceof Date;

const missing = ({ required = [], members = {} }: Shape, given: object): string[] =>
  required.filter((member) => !(member in given) && !members[member]?.idempotencyToken);

function within({ min, max }: Shape, found: number, what: string, unit: string): string[] {
  const told = `${what} ${found} ${unit}`.trim();
  if (min !== undefined && found < min) return [`${told}, at least ${min} are needed`];
  if (max !== undefined && found > max) return [`${told}, ${max} are allowed`];
  return [];
}

/** The descriptions' patterns are Java's: the whole text must match. */
const patternOf = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`, 'u');
