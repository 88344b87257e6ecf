import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Summary } from '../../../trial/simulation/summary';

const ROOT = join(__dirname, '../../..');

/** Runs the program; `onError` sees what it says on standard error, and may send a signal. */
function simulateProcess(
  args: readonly string[],
  onSaid?: (text: string, send: (signal: NodeJS.Signals) => void) => void,
) {
  return new Promise<{ code: number | null; out: string; said: string }>((resolve) => {
    const child = spawn(
      process.execPath,
      ['--require', 'ts-node/register', 'trial/simulation/main.ts', ...args],
      {
        cwd: ROOT,
        env: { ...process.env, npm_lifecycle_event: undefined },
      },
    );
    let out = '';
    let said = '';
    child.stdout.on('data', (data: Buffer) => {
      out += data.toString();
    });
    child.stderr.on('data', (data: Buffer) => {
      said += data.toString();
      onSaid?.(said, (signal) => child.kill(signal));
    });
    child.on('close', (code) => resolve({ code, out, said }));
  });
}

test('a few schedules, and what they came to', async () => {
  const { code, out } = await simulateProcess(['--schedules', '6', '--workers', '2', '--json']);
  expect(code).toBe(0);
  const { summary } = JSON.parse(out) as { summary: Summary };
  expect(summary.schedules).toBe(6);
  expect(summary.steps).toBeGreaterThan(1000);
  expect(summary.times['in all'].count).toBeLessThanOrEqual(summary.failovers.automatic + 6);
}, 60_000);

test('a wrong argument is one sentence and no stack', async () => {
  const { code, out, said } = await simulateProcess(['--seeds', '3']);
  expect(code).toBe(2);
  expect(out).toBe('');
  expect(said.trim()).toBe('--seeds is not known: did you mean --seed?');
}, 60_000);

test('one seed can be read line by line', async () => {
  const { code, out, said } = await simulateProcess([
    '--seed',
    '1',
    '--scenario',
    'primary-dies',
    '--verbose',
  ]);
  expect(code).toBe(0);
  expect(said).toContain('kill primary');
  expect(said).toMatch(/state primary-dead \(phase fencing, epoch 1\)/);
  expect(said).toMatch(/the first write of a client on site-replica-\d/);
  expect(out).toContain('1 automatic failovers');
  expect(out).toContain('What must hold has held at every step.');
}, 60_000);

test('SIGINT ends it with what was found so far', async () => {
  let sent = false;
  const { code, out } = await simulateProcess(['--schedules', '1000000', '--verbose'], (said, send) => {
    if (sent || !said.includes('trace ')) return;
    sent = true;
    send('SIGINT');
  });
  expect(code).toBe(130);
  expect(out).toMatch(/^\d+ schedules, /);
}, 60_000);
