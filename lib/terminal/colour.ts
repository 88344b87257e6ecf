/** Whether to colour what goes to `stream` (https://no-color.org). */
export const wantsColour = (
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean => Boolean(stream.isTTY) && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
