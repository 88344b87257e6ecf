import { ENTER, LEAVE, frame, watch } from '../../../lib/terminal/watch';

const screen = (isTTY: boolean, rows?: number) => {
  const written: string[] = [];
  return { isTTY, rows, written, write: (text: string) => void written.push(text) };
};

/** Pictures 1, 2, 3, …; the third ends the watching, as Ctrl-C would. */
function pictures(after = 3) {
  const ending = new AbortController();
  let drawn = 0;
  const picture = async () => {
    drawn += 1;
    if (drawn === after) setTimeout(() => ending.abort(), 0);
    return [`picture ${drawn}`, 'below'];
  };
  return { picture, signal: ending.signal };
}

test('on a terminal each picture takes the place of the last, in one piece and without erasing first', async () => {
  const terminal = screen(true, 40);
  const { picture, signal } = pictures();
  await watch(picture, terminal, signal, 1);
  const [entered, ...rest] = terminal.written;
  expect(entered).toBe(ENTER);
  expect(rest.slice(0, 3)).toEqual([1, 2, 3].map((number) => frame([`picture ${number}`, 'below'], 40)));
  expect(rest.join('')).not.toContain('\x1b[2J');
  // The cursor is back, and the last picture stays readable.
  expect(rest.at(-1)).toMatch(LEAVE + 'picture ');
  expect(LEAVE).toContain('\x1b[?25h');
});

test('elsewhere one snapshot below the other, without a control sequence', async () => {
  const file = screen(false);
  const { picture, signal } = pictures();
  await watch(picture, file, signal, 1);
  expect(file.written.slice(0, 3).join('')).toBe(
    'picture 1\nbelow\n\npicture 2\nbelow\n\npicture 3\nbelow\n\n',
  );
  expect(file.written.join('')).not.toContain('\x1b');
});

test('what fails ends it, and the cursor is back', async () => {
  const terminal = screen(true);
  const failing = () => Promise.reject(new Error('The trial has ended.'));
  await expect(watch(failing, terminal, new AbortController().signal)).rejects.toThrow(
    'The trial has ended.',
  );
  expect(terminal.written).toEqual([ENTER, LEAVE]);
});

test('Ctrl-C ends it also while an answer is waited for', async () => {
  const terminal = screen(true);
  const ending = new AbortController();
  setTimeout(() => ending.abort(), 5);
  await watch(() => new Promise(() => {}), terminal, ending.signal);
  expect(terminal.written).toEqual([ENTER, LEAVE]);
});

test('on a small terminal the end is left out instead of scrolled', () => {
  const lines = ['1', '2', '3', '4'];
  expect(frame(lines, 3)).toBe('\x1b[H1\x1b[K\r\n2\x1b[K\r\n… 2 lines more\x1b[K\x1b[J');
  expect(frame(lines, 4)).not.toContain('more');
});
