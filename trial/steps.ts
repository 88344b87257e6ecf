/** Progress on the terminal: one line a step, with the seconds it took. */
export class Steps {
  readonly times: { readonly name: string; readonly seconds: number }[] = [];

  constructor(
    private readonly stream: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>,
    private readonly colour: boolean,
  ) {}

  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const seconds = () => (performance.now() - begun) / 1000;
    const live = this.stream.isTTY;
    const show = (mark: string, rest: string) =>
      this.stream.write(`${live ? '\r\x1b[K' : ''}${mark} ${name.padEnd(50)}${rest}`);
    const tick = () => show('·', ` ${seconds().toFixed(0).padStart(5)} s`);
    if (live) tick();
    const clock = live ? setInterval(tick, 250) : undefined;
    try {
      const result = await work();
      this.times.push({ name, seconds: Number(seconds().toFixed(2)) });
      show(this.paint('✓', 32), ` ${seconds().toFixed(1).padStart(5)} s\n`);
      return result;
    } catch (error) {
      show(this.paint('✗', 31), ` ${seconds().toFixed(1).padStart(5)} s\n`);
      throw error;
    } finally {
      clearInterval(clock);
    }
  }

  private paint(text: string, colour: number): string {
    return this.colour ? `\x1b[${colour}m${text}\x1b[0m` : text;
  }
}
