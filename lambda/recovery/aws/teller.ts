/** Keeps what a run tells of itself up to date, for whoever follows. */
import type { Progress } from '../progress';
import type { RunState } from '../run-state';
import type { Parts } from './parts';

const EVERY_MILLIS = 2_000;

/** Of the last word, without which nobody learns how it ended. */
const LAST_TRIES = 5;

export class Teller {
  private readonly timer: NodeJS.Timeout;
  private writing: Promise<unknown> = Promise.resolve();
  private isLost = false;

  constructor(
    private state: RunState,
    private readonly owner: string,
    private readonly parts: Pick<Parts, 'runs' | 'now' | 'log' | 'sleep'>,
  ) {
    this.timer = setInterval(() => {
      this.writing = this.writing.then(() => this.write()).catch(() => undefined);
    }, EVERY_MILLIS);
    // It keeps nobody from ending.
    this.timer.unref();
  }

  readonly report = (progress: Progress): void => {
    const isSame = this.state.progress?.step === progress.step;
    this.state = {
      ...this.state,
      progress,
      ...(!isSame && { stepAt: this.parts.now() }),
    };
  };

  /** Somebody else has taken the run: what this one still does is of no use. */
  get hasLostRun(): boolean {
    return this.isLost;
  }

  /** The last word. @returns what was written */
  async end(changes: Partial<RunState>): Promise<RunState> {
    clearInterval(this.timer);
    await this.writing;
    this.state = { ...this.state, ...changes };
    for (let tries = 1; ; tries++) {
      try {
        await this.write();
        break;
      } catch (error) {
        if (tries === LAST_TRIES) {
          this.parts.log.error('the end of the run could not be told', {
            run: this.state.request.run,
            error,
          });
          break;
        }
        await this.parts.sleep(EVERY_MILLIS);
      }
    }
    return this.state;
  }

  private async write(): Promise<void> {
    if (this.isLost) return;
    this.state = { ...this.state, updatedAt: this.parts.now() };
    this.isLost = !(await this.parts.runs.write(this.state, this.owner));
  }
}
