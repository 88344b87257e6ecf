import type { Clock } from './ports';

/** The time of this machine. Calls that wait keep no process alive. */
export const wallClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
