/** Text as a shell reads it. */

/** One word of a POSIX shell. A CDK token holds no single quote, so it is found and resolved inside. */
export const quoted = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;

/** Whole lines only: a # within a line may be code. */
export const withoutComments = (script: string): string =>
  script
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n');
