/** What happened, in order. */

export interface Line {
  /** Milliseconds after the beginning. */
  readonly at: number;
  readonly text: string;
}

export class Trace {
  readonly lines: Line[] = [];
  private sum = 0x811c9dc5;

  add(at: number, text: string): void {
    this.lines.push({ at, text });
    for (const part of [String(at), text]) {
      for (let index = 0; index < part.length; index++) {
        // FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/
        this.sum = Math.imul(this.sum ^ part.charCodeAt(index), 0x01000193);
      }
    }
  }

  /** The same for the same lines. */
  get hash(): string {
    return (this.sum >>> 0).toString(16).padStart(8, '0');
  }
}

/** `12:03.5` minutes, seconds, tenths */
export function clockText(milliseconds: number): string {
  const tenths = Math.round(milliseconds / 100);
  const seconds = Math.floor(tenths / 10) % 60;
  return `${Math.floor(tenths / 600)}:${String(seconds).padStart(2, '0')}.${tenths % 10}`;
}
