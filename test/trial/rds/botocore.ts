/** The API description that botocore carries, in the form of trial/rds/protocol/shape-table.json. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ShapeTable } from '../../../trial/rds/protocol/shapes';
import { venvProgram } from '../../support/venv';

interface Shape {
  readonly type: string;
  readonly members?: Record<string, { shape: string; locationName?: string }>;
  readonly member?: { shape: string; locationName?: string };
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly flattened?: boolean;
  readonly error?: { code: string; httpStatusCode: number };
}

interface Description {
  readonly metadata: { apiVersion: string; xmlNamespace: string; protocol: string };
  readonly operations: Record<
    string,
    {
      input: { shape: string };
      output?: { shape: string; resultWrapper: string };
      errors?: readonly { shape: string }[];
    }
  >;
  readonly shapes: Record<string, Shape>;
}

export function botocoreDescription(): Description {
  const folder = execFileSync(
    venvProgram('python'),
    ['-c', 'import botocore, os; print(os.path.dirname(botocore.__file__))'],
    { encoding: 'utf8', timeout: 20_000 },
  ).trim();
  const file = join(folder, 'data/rds/2014-10-31/service-2.json.gz');
  return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as Description;
}

/** What the description says of some operations, and of everything that they mention. */
export function shapesOf(description: Description, names: readonly string[]): ShapeTable {
  const { shapes, metadata } = description;
  const structures: ShapeTable['structures'] = {};
  const errors: Record<string, number> = {};
  const operations: ShapeTable['operations'] = {};

  const typeOf = (name: string): string => {
    const shape = shapes[name]!;
    if (shape.flattened) throw new Error(`${name}: flattened lists are not known here`);
    if (shape.type === 'list')
      return `[${shape.member!.locationName ?? 'member'}]${typeOf(shape.member!.shape)}`;
    if (shape.type === 'structure') {
      addStructure(name);
      return name;
    }
    return shape.enum ? `${shape.type}(${shape.enum.join('|')})` : shape.type;
  };

  const addStructure = (name: string): void => {
    if (structures[name]) return;
    const { members = {}, required } = shapes[name]!;
    structures[name] = { ...(required && { required: [...required] }), members: {} };
    for (const [member, { shape, locationName = member }] of Object.entries(members)) {
      if (locationName !== member)
        throw new Error(`${name}.${member}: other location names are not known here`);
      structures[name].members[member] = typeOf(shape);
    }
  };

  for (const name of [...names].sort()) {
    const { input, output, errors: faults = [] } = description.operations[name]!;
    addStructure(input.shape);
    if (output) addStructure(output.shape);
    operations[name] = {
      input: input.shape,
      ...(output && { output: output.shape, wrapper: output.resultWrapper }),
      errors: faults.map(({ shape }) => shapes[shape]!.error!.code),
    };
    for (const { shape } of faults) {
      const { code, httpStatusCode } = shapes[shape]!.error!;
      errors[code] = httpStatusCode;
    }
  }
  return { version: metadata.apiVersion, namespace: metadata.xmlNamespace, operations, structures, errors };
}
