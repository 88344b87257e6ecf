import { clearInterval, setInterval } from 'node:timers';

/** What the user is told instead of a stack trace: one sentence, and what to do. */
export class Failure extends Error {}

/** Runs `work`, showing its name and the seconds it has taken. */
export async function step(name, work) {
  const begun = Date.now();
  const seconds = () => `${((Date.now() - begun) / 1000).toFixed(1)} s`;
  const live = process.stderr.isTTY;
  const show = (mark, end) => process.stderr.write(`${live ? '\r\x1b[K' : ''}${mark} ${name}${end}`);
  if (!live) show('·', ' …\n');
  const clock = setInterval(
    () => show('·', live ? ` … ${seconds()}` : ` … ${seconds()}\n`),
    live ? 200 : 15_000,
  );
  try {
    const result = await work();
    show('✓', `  ${seconds()}\n`);
    return result;
  } catch (error) {
    show('✗', `  ${seconds()}\n`);
    throw error;
  } finally {
    clearInterval(clock);
  }
}
