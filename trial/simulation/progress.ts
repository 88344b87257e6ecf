/** How far it is: on standard error, one line that changes on a terminal, a line now and then elsewhere. */

const TERMINAL_MILLIS = 200;
const FILE_MILLIS = 10_000;

export function progress(all: number) {
  const { isTTY } = process.stderr;
  const begun = performance.now();
  let said = begun;
  const line = (done: number) => {
    const seconds = (performance.now() - begun) / 1000;
    const rate = done / Math.max(seconds, 0.001);
    const left = Math.round((all - done) / Math.max(rate, 0.001));
    const time = left >= 90 ? `${Math.round(left / 60)} min` : `${left} s`;
    return `${done} of ${all} schedules, ${rate.toFixed(1)} a second, ${time} left`;
  };
  return {
    at(done: number): void {
      if (performance.now() - said < (isTTY ? TERMINAL_MILLIS : FILE_MILLIS)) return;
      said = performance.now();
      process.stderr.write(isTTY ? `\r${line(done)}\u001b[K` : `${line(done)}\n`);
    },
    end(): void {
      if (isTTY) process.stderr.write('\r\u001b[K');
    },
  };
}
