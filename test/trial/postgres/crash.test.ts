import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { postgresPrograms } from '../../../trial/postgres/binaries';
import { type PostgresPlane, postgresPlane } from '../../../trial/postgres/plane';
import { State, removeState } from '../../../trial/postgres/state';
import { WEB, clientConfig, eventually, newDatabase, planeOptions } from './world';

jest.setTimeout(60_000);

let stateFolder: string;
let children: ChildProcess[];
let plane: PostgresPlane | undefined;

beforeEach(() => {
  stateFolder = mkdtempSync(join(tmpdir(), 'scale-from-zero-crash-'));
  children = [];
  plane = undefined;
});
afterEach(async () => {
  await plane?.close();
  for (const child of children) child.kill('SIGKILL');
  removeState(stateFolder);
});

/** A trial in a process of its own, with one database that holds one note. */
async function otherTrial(): Promise<{ process: ChildProcess; keeperPid: number }> {
  const program = `
    require('ts-node').register({ swc: true, transpileOnly: true });
    const { newDatabase, planeOptions } = require('./world');
    const { postgresPlane } = require('../../../trial/postgres/plane');
    (async () => {
      const plane = await postgresPlane({ ...planeOptions(${JSON.stringify(stateFolder)}), network: process.argv[1] });
      await plane.create(newDatabase('db-A'));
      await plane.query('db-A', 'create table note as select 7 as value');
      console.log('ready');
      setInterval(() => {}, 1000);
    })();`;
  const child = spawn(process.execPath, ['-e', program, planeOptions(stateFolder).network!], {
    cwd: __dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(createInterface({ input: child.stdout! }), 'line');
  const server = serverPid();
  return { process: child, keeperPid: parentOf(server) };
}

const data = () => join(new State(stateFolder, postgresPrograms().user).databaseFolder('db-A'), 'data');
const serverPid = () => Number(readFileSync(join(data(), 'postmaster.pid'), 'utf8').split('\n')[0]);

const parentOf = (pid: number) =>
  Number(spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).stdout);

/** A zombie, whom nobody has asked yet how it ended, is none that lives. */
const isAlive = (pid: number) =>
  /^[^Z]/.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim());

const value = async () => (await plane!.query('db-A', 'select value from note'))[0]!.value;

test('servers end with a trial that is killed, and the next one finds their data', async () => {
  const { process: trial } = await otherTrial();
  const server = serverPid();
  trial.kill('SIGKILL');
  await eventually(() => !isAlive(server));
  plane = await postgresPlane(planeOptions(stateFolder));
  expect(await plane.known()).toEqual(['db-A']);
  expect(await value()).toBe(7);
  const client = new Client(clientConfig(plane, 'db-A', WEB));
  await client.connect();
  await client.end();
});

test('a server that even its keeper left behind is ended, and nobody else', async () => {
  const { process: trial, keeperPid } = await otherTrial();
  const server = serverPid();
  process.kill(keeperPid, 'SIGKILL');
  trial.kill('SIGKILL');
  await once(trial, 'exit');
  expect(isAlive(server)).toBe(true);
  plane = await postgresPlane(planeOptions(stateFolder));
  expect(isAlive(server)).toBe(false);
  expect(serverPid()).not.toBe(server);
  expect(await value()).toBe(7);
});

test('a process id in a left-over lock file that somebody else has now is left alone', async () => {
  const { process: trial } = await otherTrial();
  const server = serverPid();
  trial.kill('SIGKILL');
  await once(trial, 'exit');
  await eventually(() => !isAlive(server));
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', data()], {
    stdio: 'ignore',
  });
  children.push(stranger);
  const state = new State(stateFolder, postgresPrograms().user);
  state.write(join(data(), 'postmaster.pid'), `${stranger.pid}\n${data()}\n`);
  plane = await postgresPlane(planeOptions(stateFolder));
  expect(await value()).toBe(7);
  expect(isAlive(stranger.pid!)).toBe(true);
});

test('a keeper that is killed is a crash of its databases; they can be started again', async () => {
  plane = await postgresPlane(planeOptions(stateFolder));
  await plane.create(newDatabase('db-A'));
  await plane.query('db-A', 'create table note as select 7 as value');
  const crashes: string[] = [];
  plane.onCrash((resourceId) => crashes.push(resourceId));
  process.kill(parentOf(serverPid()), 'SIGKILL');
  await eventually(() => crashes.includes('db-A'));
  await plane.start('db-A');
  expect(await value()).toBe(7);
});

test('two trials cannot have one folder', async () => {
  plane = await postgresPlane(planeOptions(stateFolder));
  await expect(postgresPlane(planeOptions(stateFolder))).rejects.toThrow(
    `Process ${process.pid} uses the databases in ${stateFolder}: end it first.`,
  );
});
