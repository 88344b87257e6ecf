import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from '../../../trial/lambdas/pool';
import type { Deployed } from '../../../trial/lambdas/deployed';

const BOOTSTRAP = resolve(__dirname, '../../../trial/lambdas/bootstrap.mjs');
const folder = mkdtempSync(join(tmpdir(), 'scale-from-zero-lambdas-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('a function dies with whoever runs it, even by kill -9', async () => {
  writeFileSync(
    join(folder, 'index.js'),
    `exports.handler = () => new Promise(() => setInterval(() => {}, 1000));`,
  );
  const parent = `
    const child = require('node:child_process').spawn(process.execPath, [${JSON.stringify(BOOTSTRAP)}], {
      cwd: ${JSON.stringify(folder)}, env: { _HANDLER: 'index.handler' }, detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.send({ id: '1', event: {}, context: { deadline: 0 } }, () => setTimeout(() => console.log(child.pid), 200));`;
  const runner = spawn(process.execPath, ['-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = Number(String((await once(runner.stdout, 'data'))[0]));
  expect(isAlive(pid)).toBe(true);
  runner.kill('SIGKILL');
  for (const end = Date.now() + 5_000; isAlive(pid) && Date.now() < end;) await sleep(20);
  const isLeft = isAlive(pid);
  if (isLeft) process.kill(pid, 'SIGKILL');
  expect(isLeft).toBe(false);
});

test('code that cannot be had is a failed run, not a broken trial', async () => {
  const pool = new Pool({
    name: 'any',
    logFile: join(folder, 'any.log'),
    start: () => Promise.reject(new Error('the emulator is gone')),
  });
  expect(await pool.invoke({ memoryMib: 128 } as Deployed, {})).toMatchObject({
    kind: 'failed',
    errorType: 'ServiceException',
    errorMessage: 'the emulator is gone',
  });
  expect(pool.facts()).toMatchObject({
    invocations: 1,
    errors: 1,
    running: 0,
    warm: 0,
    lastOutcome: 'failed',
    lastError: 'ServiceException: the emulator is gone',
  });
});
