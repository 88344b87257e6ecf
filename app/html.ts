/**
 * HTML from template literals: what is put in is text and is escaped, unless it is HTML itself.
 * The tag is not called `html`, since prettier reformats such templates, and spaces count here: in a
 * text area, and in the hashes of script and style.
 */
export class Html {
  constructor(readonly text: string) {}
}

type Content = Html | string | number | null | undefined | false | readonly Content[];

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Safe as text and in a quoted attribute; not within a script or a style. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

const render = (content: Content): string => {
  if (content instanceof Html) return content.text;
  if (Array.isArray(content)) return content.map(render).join('');
  return content === null || content === undefined || content === false ? '' : escapeHtml(String(content));
};

export const markup = (strings: TemplateStringsArray, ...contents: Content[]): Html =>
  new Html(strings.reduce((text, string, index) => text + render(contents[index - 1]) + string));
