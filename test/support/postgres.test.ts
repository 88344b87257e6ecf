import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { startPostgres } from './postgres';

const portAnswers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });

test('starts, survives a halt with its data, and leaves nothing behind', async () => {
  const postgres = await startPostgres();
  await postgres.query('create table kept (value integer); insert into kept values (7)');
  await postgres.halt();
  expect(await portAnswers(postgres.port)).toBe(false);
  await postgres.resume();
  expect(await postgres.query('select value from kept')).toEqual([{ value: 7 }]);
  expect(existsSync(postgres.folder)).toBe(true);
  await postgres.stop();
  expect(await portAnswers(postgres.port)).toBe(false);
  expect(existsSync(postgres.folder)).toBe(false);
});

test('says why it does not start', async () => {
  await expect(startPostgres({ settings: { no_such_setting: '1' } })).rejects.toThrow(/no_such_setting/);
});

test('ends with the process that started it, even a killed one', async () => {
  // A process of its own takes the place of a test that is killed. (Through a relative path and
  // stdin: the checkout may lie anywhere.)
  const program = `
    require('ts-node').register({ swc: true, transpileOnly: true });
    require('./postgres').startPostgres().then(({ port, folder }) => {
      console.log(JSON.stringify({ port, folder }));
      setInterval(() => {}, 1000);
    });`;
  const victim = spawn(process.execPath, ['-e', program], {
    cwd: join(__dirname),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: victim.stdout }), 'line')) as [string];
  const { port, folder } = JSON.parse(line) as { port: number; folder: string };
  expect(await portAnswers(port)).toBe(true);
  victim.kill('SIGKILL');
  // No verdict by time: jest's own limit is what ends a test that would wait for ever.
  while (existsSync(folder) || (await portAnswers(port))) await new Promise((next) => setTimeout(next, 20));
});
