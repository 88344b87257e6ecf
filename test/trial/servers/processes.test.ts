import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Keeper, startKeeper } from '../../../trial/servers/processes';

// A process whose parent has gone is taken by init, which may take a second or two over it.
jest.setTimeout(20_000);

let folder: string;
let keeper: Keeper;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keeper-'));
  keeper = startKeeper();
});
afterEach(async () => {
  await keeper.close();
  rmSync(folder, { recursive: true });
});

const PATH = process.env['PATH']!;
const start = (command: string, environment = {}) =>
  keeper.start({
    command,
    folder,
    environment: { PATH, ...environment },
    logFile: join(folder, 'logs/one.log'),
  });
const log = () => readFileSync(join(folder, 'logs/one.log'), 'utf8');
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
};

test('a command is read by a shell, in its folder, with its environment alone, and replaces the shell', async () => {
  const program = await start('sh -c "echo $$ $WORD \\"$(pwd)\\" ${HOME-none}; cat"', { WORD: 'hello' });
  expect(await program.ended).toBe('exit code 0'); // cat has no input
  expect(log()).toBe(`${program.pid} hello ${folder} none\n`);
});

test.each([
  ['exit code 3', 'sh -c "exit 3"'],
  ['exit code 127', 'no-such-program'],
  ['SIGKILL', `sh -c 'kill -9 $$'`],
])('%s is how it ended', async (expected, command) =>
  expect(await (await start(command)).ended).toBe(expected),
);

test('what takes SIGTERM ends by it, and what does not, by SIGKILL', async () => {
  const willing = await start(`sh -c 'trap "exit 7" TERM; echo ready; while :; do sleep 0.01; done'`);
  await until(() => log().includes('ready'));
  await willing.stop(5_000);
  expect(await willing.ended).toBe('exit code 7');

  const stubborn = await start(`sh -c 'trap "" TERM; echo deaf; while :; do sleep 0.01; done'`);
  await until(() => log().includes('deaf'));
  await stubborn.stop(50);
  expect(await stubborn.ended).toBe('SIGKILL');
});

test('a frozen one can be stopped', async () => {
  const frozen = await start('sleep 60');
  frozen.signal('SIGSTOP');
  await frozen.stop(5_000);
  expect(await frozen.ended).toBe('SIGTERM');
});

test('when its keeper closes, everything that it has started is gone', async () => {
  const one = await start(`sh -c 'sleep 60 & echo $!; wait'`);
  const two = await start('sleep 60');
  await until(() => log().includes('\n'));
  const grandchild = Number(log());
  await keeper.close();
  expect([await one.ended, await two.ended]).toEqual(['SIGKILL', 'SIGKILL']);
  await until(() => !isAlive(grandchild));
});

test('when the trial is killed with -9, everything that it has started is gone', async () => {
  // A trial of its own: it starts a program, says which, and waits.
  const program = `
    require('ts-node/register');
    const { startKeeper } = require(${JSON.stringify(join(__dirname, '../../../trial/servers/processes'))});
    const folder = ${JSON.stringify(folder)};
    startKeeper()
      .start({ command: 'sleep 60', folder, environment: { PATH: process.env.PATH }, logFile: folder + '/log' })
      .then(({ pid }) => console.log(pid));`;
  const trial = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(trial.stdout, 'data')) as [Buffer];
  const pid = Number(String(said));
  expect(isAlive(pid)).toBe(true);
  trial.kill('SIGKILL');
  await until(() => !isAlive(pid));
});
