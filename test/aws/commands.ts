/** Which commands of the SDK the sources name. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PROJECT = resolve(__dirname, '../..');

export interface Named {
  /** From the project's folder. */
  readonly file: string;
  /** `ModifyDBInstance` */
  readonly operation: string;
}

/** @param folders of the project, with all that is below them */
export const commandsOf = (folders: readonly string[]): readonly Named[] =>
  folders.flatMap((folder) =>
    readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => namedIn(join(folder, name))),
  );

/** Commands and paginators that are imported, and no types. */
function namedIn(file: string): readonly Named[] {
  const text = readFileSync(join(PROJECT, file), 'utf8');
  const imports = [
    ...text.matchAll(/import (?!type)\{([^}]*)\} from '@aws-sdk\/client-/g),
    ...text.matchAll(/\{([^}]*)\} = await import\('@aws-sdk\/client-/g),
  ];
  const names = imports.flatMap(([, list]) => list!.split(',').map((word) => word.trim()));
  return names.flatMap((name) => {
    const [, command, pages] = /^(?:(\w+)Command|paginate(\w+))$/.exec(name) ?? [];
    const operation = command ?? pages;
    return operation === undefined ? [] : [{ file, operation }];
  });
}
