/** A report before it is Markdown or HTML: what is said, in blocks. Only the renderers escape, and they escape all of it. */

/** A value of the site, which may be anything. */
export interface Value {
  /** As it is printed: without control characters, cut. */
  readonly text: string;
  readonly kind: 'null' | 'text';
  /** Of the lost version, or of the new primary's. */
  readonly side?: 'lost' | 'here';
}

export type Inline = string | { readonly strong: string } | { readonly code: string } | Value;

/** Lines, one below the other. */
export type Cell = readonly (readonly Inline[])[];

export interface DocumentTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** What has no room here: a sentence. */
  readonly more?: string;
  /** Columns of numbers, by index. */
  readonly numbers?: readonly number[];
}

export type Block =
  | { readonly heading: string; readonly level: 1 | 2 | 3; readonly id?: string }
  | { readonly paragraph: readonly Inline[] }
  | { readonly list: readonly (readonly Inline[])[] }
  /** What must not be overlooked. */
  | { readonly warning: string; readonly list: readonly (readonly Inline[])[] }
  | { readonly table: DocumentTable }
  /** Statements or commands, to be copied. */
  | { readonly code: string; readonly language: 'sql' | 'sh' };

export const cell = (...line: readonly Inline[]): Cell => [line];

export const isValue = (inline: Inline): inline is Value => typeof inline === 'object' && 'kind' in inline;
