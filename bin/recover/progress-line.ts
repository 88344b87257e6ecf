/** How far something is, in one line: with its rate and the time left. */
import type { Progress } from '../../lambda/recovery/progress';
import { wantsColour } from '../../lib/terminal/colour';
import { count, seconds } from '../../lib/terminal/quantities';
import { WIDTH, clean, cut } from '../../lib/terminal/text';
import type { Screen } from '../../lib/terminal/watch';

/** A rate of less time is a guess. */
const LEAST_SECONDS = 1;

/** @param secondsSince in this step, and `doneSince` of it was done in that time */
export function progressLine(progress: Progress, secondsSince: number, doneSince: number): string {
  const { step, done, total, unit } = progress;
  const of = total === undefined ? '' : ` of ${count(total)}`;
  const isMeasured = secondsSince >= LEAST_SECONDS && doneSince > 0;
  const rate = doneSince / secondsSince;
  const speed = isMeasured ? `, ${rate < 10 ? rate.toFixed(1) : count(rate)} a second` : '';
  const isOver = total !== undefined && done >= total;
  const left = isMeasured && total !== undefined && !isOver ? `, ${seconds((total - done) / rate)} left` : '';
  const percent =
    total !== undefined && total > 0 ? ` (${Math.floor((100 * Math.min(done, total)) / total)}%)` : '';
  return clean(`${step}: ${count(done)}${of} ${unit}${percent}${speed}${left}`);
}

const ON_TERMINAL_MILLIS = 100;
/** Of what goes to a file: a line now and then. */
const ELSEWHERE_MILLIS = 10_000;

/** Shows progress on a terminal in one line that changes, elsewhere now and then in a new one. */
export class ProgressView {
  private begun?: Pick<Progress, 'step' | 'unit' | 'done'> & { readonly at: number };
  private shownAt = -Infinity;
  private isOpen = false;
  private last = '';

  constructor(
    private readonly screen: Screen,
    private readonly env: Readonly<Record<string, string | undefined>>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @param stepAt when the step began, by `now`'s clock. @default - when it was first told here */
  readonly tell = (progress: Progress, stepAt?: number): void => {
    const at = this.now();
    const { step, unit, done } = progress;
    const isNew = this.begun?.step !== step || this.begun.unit !== unit || done < this.begun.done;
    if (isNew) {
      this.begun = stepAt === undefined ? { step, unit, done, at } : { step, unit, done: 0, at: stepAt };
    }
    const isOver = progress.total !== undefined && progress.done >= progress.total;
    const patience = this.isLive ? ON_TERMINAL_MILLIS : ELSEWHERE_MILLIS;
    if (!isNew && !isOver && at - this.shownAt < patience) return;
    const line = progressLine(progress, (at - this.begun!.at) / 1000, progress.done - this.begun!.done);
    this.show(line, isNew, at);
  };

  /** Something else than progress, in a line of its own. */
  say(text: string): void {
    this.end();
    this.screen.write(`${clean(text)}\n`);
  }

  /** What is written next begins in a new line. */
  end(): void {
    if (this.isOpen) this.screen.write('\n');
    this.isOpen = false;
    this.last = '';
  }

  private show(line: string, isNew: boolean, at: number): void {
    if (line === this.last) return;
    this.shownAt = at;
    this.last = line;
    if (!this.isLive) {
      this.screen.write(`${line}\n`);
      return;
    }
    // A step that is over stays; its line is not overwritten by the next one.
    if (isNew && this.isOpen) this.screen.write('\n');
    this.screen.write(`\r${cut(line, WIDTH - 1)}\x1b[K`);
    this.isOpen = true;
  }

  /** A terminal that takes control sequences: the same ones that take colours. */
  private get isLive(): boolean {
    return wantsColour(this.screen, { ...this.env, NO_COLOR: undefined });
  }
}
