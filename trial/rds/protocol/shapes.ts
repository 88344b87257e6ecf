import table from './shape-table.json';

/**
 * The requests and answers of the API, as its description (botocore's service-2.json) has them; written and checked by
 * test/trial/rds. Types: `string`, `integer`, `boolean`, `timestamp`, …, `string(one|another)` for an enumeration,
 * the name of a structure, `[Element]type` for a list.
 */
export interface ShapeTable {
  readonly version: string;
  /** Of the answers' XML. */
  readonly namespace: string;
  readonly operations: Record<
    string,
    {
      readonly input: string;
      /** Structure, and element around its members; absent when nothing is answered. */
      readonly output?: string;
      readonly wrapper?: string;
      /** Codes. */
      readonly errors: readonly string[];
    }
  >;
  readonly structures: Record<
    string,
    { readonly required?: readonly string[]; readonly members: Record<string, string> }
  >;
  /** HTTP status of each code. */
  readonly errors: Record<string, number>;
}

export const SHAPES: ShapeTable = table;

export type Type =
  | { readonly kind: 'scalar'; readonly name: string; readonly values?: readonly string[] }
  | { readonly kind: 'list'; readonly element: string; readonly of: string }
  | { readonly kind: 'structure'; readonly name: string };

/** A type of the table, taken apart. */
export function parseType(type: string): Type {
  const list = type.match(/^\[(\w+)\](.+)$/);
  if (list) return { kind: 'list', element: list[1]!, of: list[2]! };
  const [, name = type, values] = type.match(/^(\w+)\((.+)\)$/) ?? [];
  if (SHAPES.structures[name]) return { kind: 'structure', name };
  return { kind: 'scalar', name, ...(values && { values: values.split('|') }) };
}
