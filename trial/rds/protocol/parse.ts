/** Requests of the Query protocol: form fields such as `Tags.Tag.1.Key=a`, read by the shape that they should have. */
import { RdsError } from '../model/errors';
import { parseType, SHAPES, type Type } from './shapes';

const malformed = (path: string, type: string, value: string) =>
  new RdsError('MalformedInput', 400, `${path}: "${value}" is not of type ${type}.`);

/**
 * The fields as the operation's input, with the types of @aws-sdk/client-rds (a timestamp is a Date). Fields that the
 * API does not know are left out, as AWS does.
 * @throws RdsError MalformedInput, InvalidParameterValue
 */
export function parseRequest(operation: string, fields: ReadonlyMap<string, string>): object {
  return structureAt(SHAPES.operations[operation]!.input, '', fields) ?? {};
}

function structureAt(name: string, prefix: string, fields: ReadonlyMap<string, string>): object | undefined {
  const { required = [], members } = SHAPES.structures[name]!;
  const found: Record<string, unknown> = {};
  for (const [member, type] of Object.entries(members)) {
    const value = valueAt(parseType(type), prefix + member, fields);
    if (value !== undefined) found[member] = value;
  }
  const isThere = Object.keys(found).length > 0;
  for (const member of isThere || prefix === '' ? required : []) {
    if (found[member] !== undefined && found[member] !== '') continue;
    throw new RdsError(
      'InvalidParameterValue',
      400,
      `The parameter ${prefix}${member} must be provided and must not be blank.`,
    );
  }
  return isThere ? found : undefined;
}

function valueAt(type: Type, path: string, fields: ReadonlyMap<string, string>): unknown {
  if (type.kind === 'structure') return structureAt(type.name, `${path}.`, fields);
  if (type.kind === 'list') return listAt(type, path, fields);
  const text = fields.get(path);
  return text === undefined ? undefined : scalar(type, path, text);
}

function listAt({ element, of }: Type & { kind: 'list' }, path: string, fields: ReadonlyMap<string, string>) {
  // An empty list is sent as the bare name.
  if (fields.get(path) === '') return [];
  const type = parseType(of);
  // "member" is what older clients send for every list, and RDS takes it.
  for (const name of new Set([element, 'member'])) {
    const items: unknown[] = [];
    for (let index = 1; ; index++) {
      const item = valueAt(type, `${path}.${name}.${index}`, fields);
      if (item === undefined) break;
      items.push(item);
    }
    if (items.length > 0) return items;
  }
  return undefined;
}

function scalar({ name, values }: Type & { kind: 'scalar' }, path: string, text: string): unknown {
  switch (name) {
    case 'integer':
    case 'long':
      if (!/^-?\d{1,15}$/.test(text)) throw malformed(path, name, text);
      return Number(text);
    case 'boolean':
      if (!/^(true|false)$/i.test(text)) throw malformed(path, name, text);
      return text.toLowerCase() === 'true';
    case 'timestamp': {
      const date = new Date(text);
      if (Number.isNaN(date.getTime())) throw malformed(path, name, text);
      return date;
    }
    default:
      if (values && !values.includes(text)) {
        throw new RdsError(
          'InvalidParameterValue',
          400,
          `Invalid value ${text} for ${path}. Valid values: ${values.join(', ')}`,
        );
      }
      return text;
  }
}
