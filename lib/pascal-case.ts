/** `database-busy-replica-1` → `DatabaseBusyReplica1`, the form of a construct's ID. */
export const pascalCase = (kebab: string): string =>
  kebab.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
