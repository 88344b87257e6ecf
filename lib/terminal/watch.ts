/** A view that stays: redrawn in place on a terminal, one snapshot below the other elsewhere. */
import { setTimeout as sleep } from 'node:timers/promises';

/** What a screen is asked for. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly rows?: number;
  write(text: string): unknown;
}

// xterm's control sequences: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
/** The alternate screen, no cursor, and long lines cut instead of wrapped (a narrow terminal stays readable). */
export const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
export const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';

/**
 * One frame as one text: each line is overwritten and the rest of it erased, never the whole screen, so that nothing
 * flickers.
 *
 * @param rows of the terminal: what does not fit is left out, as it would scroll
 */
export function frame(lines: readonly string[], rows: number): string {
  const more = lines.length - rows;
  const shown = more > 0 ? [...lines.slice(0, rows - 1), `… ${more + 1} lines more`] : lines;
  return `\x1b[H${shown.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`;
}

/**
 * Draws until `signal` aborts, then leaves the last picture on the screen proper.
 *
 * @param picture whatever it throws ends the watching and is thrown
 */
export async function watch(
  picture: () => Promise<readonly string[]>,
  screen: Screen,
  signal: AbortSignal,
  everyMillis = 1000,
): Promise<void> {
  const live = Boolean(screen.isTTY);
  let last: readonly string[] = [];
  // Ctrl-C ends at once, also while an answer is waited for.
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  if (live) screen.write(ENTER);
  try {
    while (!signal.aborted) {
      const begun = performance.now();
      const next = await Promise.race([picture(), aborted]);
      if (!next) break;
      last = next;
      screen.write(live ? frame(last, screen.rows ?? 24) : `${last.join('\n')}\n\n`);
      const rest = everyMillis - (performance.now() - begun);
      await sleep(Math.max(0, rest), undefined, { signal }).catch(() => undefined);
    }
  } finally {
    // Whatever happened: a terminal without cursor is of no use to anybody.
    if (live) screen.write(`${LEAVE}${last.map((line) => `${line}\n`).join('')}`);
  }
}
