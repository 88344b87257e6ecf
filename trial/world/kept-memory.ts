import { existsSync, readFileSync } from 'node:fs';
import type { Memory } from '../../lambda/failover/memory';

/** The part of trial/emulator/kept.py's file that is read here: items of tables, by partition and sort key. */
interface Kept {
  readonly tables?: Record<
    string,
    Record<string, Record<string, { readonly memory?: { readonly S?: string } }>>
  >;
}

/**
 * What the failover controller knew when the last run ended, from its journal (lambda/failover/aws/journal-items.ts).
 *
 * @param file of trial/emulator/kept.py
 */
export function keptMemory(file: string): Memory | undefined {
  if (!existsSync(file)) return undefined;
  const { tables = {} } = JSON.parse(readFileSync(file, 'utf8')) as Kept;
  const texts = Object.values(tables).flatMap(({ group }) => group?.['state']?.memory?.S ?? []);
  return texts[0] === undefined ? undefined : (JSON.parse(texts[0]) as Memory);
}
