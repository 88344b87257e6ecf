/** Modules of recovery whose functions are a mutant's own for a while. */
import type { Fork } from '../../../../lambda/recovery/fork';
import type { Modules, Mutant } from './mutants';

export const now: { mutant?: Mutant; fork?: Fork } = {};

/** The module's own functions, but for those that the mutant of the moment has in their place. */
export function replaced<Path extends keyof Modules>(path: Path, right: Modules[Path]): Modules[Path] {
  const wrong = () => now.mutant?.replace?.[path]?.(right, now.fork!) as Partial<Modules[Path]> | undefined;
  const get = (_: unknown, name: string) =>
    wrong()?.[name as keyof Modules[Path]] ?? right[name as keyof Modules[Path]];
  // Not of the module itself, whose properties may not be answered otherwise.
  return new Proxy<Modules[Path]>({} as Modules[Path], { get } as ProxyHandler<Modules[Path]>);
}
