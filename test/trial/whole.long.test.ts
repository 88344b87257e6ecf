import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import type { Fault, Running, TrialFacts } from '../../trial/control/contract';
import { startLoad } from '../../trial/load/load';

/** The whole trial as `npm start` runs it, with two servers, a primary and two replicas: what people are promised. */

const ROOT = resolve(__dirname, '../..');
const NETWORK = '112';

jest.setTimeout(600_000);

const folder = mkdtempSync(join(tmpdir(), 'whole-'));
let trial: ChildProcess;
let said = '';
let running: Running;

async function startTrial(): Promise<void> {
  const program = [
    join(ROOT, 'node_modules/ts-node/dist/bin.js'),
    'trial/main.ts',
    ...['--folder', join(folder, 'kept'), '--network', NETWORK, '--site-port', '18080'],
  ];
  const { PATH } = process.env;
  trial = spawn(process.execPath, program, { cwd: ROOT, env: { PATH, HOME: folder, TMPDIR: folder } });
  said = '';
  for (const stream of [trial.stdout!, trial.stderr!]) stream.on('data', (data) => (said += data));
  while (!said.includes('To end: Ctrl-C')) {
    if (trial.exitCode !== null) throw new Error(`The trial did not start:\n${said}`);
    await sleep(50);
  }
  running = JSON.parse(readFileSync(join(folder, 'kept/running.json'), 'utf8')) as Running;
}

const facts = async (): Promise<TrialFacts> =>
  (await (await fetch(`${running.control}/facts`)).json()) as TrialFacts;

async function fault(given: Fault): Promise<string> {
  const answer = await fetch(`${running.control}/fault`, { method: 'POST', body: JSON.stringify(given) });
  const { done, error } = (await answer.json()) as { done?: string; error?: string };
  if (error) throw new Error(error);
  return done!;
}

/** Waits as long as jest lets it: time is no verdict. */
async function until(what: string, holds: (now: TrialFacts) => boolean): Promise<TrialFacts> {
  for (;;) {
    const now = await facts();
    if (holds(now)) return now;
    if (trial.exitCode !== null) throw new Error(`The trial ended while ${what} was waited for:\n${said}`);
    await sleep(200);
  }
}

const isWhole = ({ servers, databases }: TrialFacts) =>
  servers.filter(({ state }) => state === 'healthy').length >= 2 &&
  databases.length === 3 &&
  databases.every(({ state, server }) => state === 'available' && server !== undefined);

beforeAll(async () => {
  await startTrial();
  await until('a whole trial', isWhole);
});

afterAll(async () => {
  trial.kill('SIGINT');
  if (trial.exitCode === null) await once(trial, 'exit');
  rmSync(folder, { recursive: true, force: true });
});

/** The largest distance of a share from an even one: 0.1 is 10 %. */
function unevenness(counts: Readonly<Record<string, number>>): number {
  const all = Object.values(counts);
  const even = all.reduce((sum, count) => sum + count, 0) / all.length;
  return Math.max(...all.map((count) => Math.abs(count - even) / even));
}

/** After a start a site needs some lookups of the reader's name to know every replica (app/database/rotation.ts). */
const WARM_UP = { seconds: 15, rate: 20 };

const load = { clients: 20, writes: 0.1, seed: 7 };

test('2,000 requests are spread evenly; writes reach the primary; nothing is lost, no own read is stale', async () => {
  const begun = startLoad({ url: running.site, folder, ...load, ...WARM_UP });
  await begun.sent;
  await begun.stop();

  const measured = startLoad({ url: running.site, folder, ...load, seconds: 40, rate: 60 });
  await measured.sent;
  const { servers, databases, ownReads, audit, errors } = await measured.stop();
  expect(errors).toEqual({});
  expect(Object.keys(databases.writes)).toEqual(['mysite-primary']);
  expect(Object.keys(databases['other reads']).toSorted()).toEqual(['mysite-replica-1', 'mysite-replica-2']);
  expect(unevenness(servers)).toBeLessThan(0.1);
  expect(unevenness(databases['other reads'])).toBeLessThan(0.1);
  expect(ownReads.stale).toBe(0);
  expect(audit).toMatchObject({ missing: [] });
});

test('with a replica two seconds late no own read is stale, and nine of ten other reads stay on replicas', async () => {
  await fault({ kind: 'delay-replay', database: 'replica-1', seconds: 2 });
  const measured = startLoad({ url: running.site, folder, ...load, writes: 0.3, seconds: 30, rate: 40 });
  await measured.sent;
  const { databases, ownReads } = await measured.stop();
  await fault({ kind: 'heal' });
  expect(ownReads.compared).toBeGreaterThan(100);
  expect(ownReads.stale).toBe(0);
  const others = databases['other reads'];
  const all = Object.values(others).reduce((sum, count) => sum + count, 0);
  expect((others['mysite-primary'] ?? 0) / all).toBeLessThan(0.1);
});

test('a climbing load adds servers; it falls, and they go', async () => {
  await until('two servers', ({ servers }) => servers.length === 2);
  const climbing = startLoad({ url: running.site, folder, ...load, rate: 80 });
  await until('a third server', ({ servers }) => servers.length > 2);
  await climbing.stop();
  await until('two servers', ({ servers }) => servers.length === 2);
});

test('a person writes a note in the page and reads it back', async () => {
  const browser = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  if (!existsSync(browser)) {
    throw new Error(
      `There is no Chromium at ${browser}: install it (Debian: apt install chromium), or say where by CHROMIUM.`,
    );
  }
  const opened = await chromium.launch({
    executablePath: browser,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  });
  try {
    const page = await opened.newPage({ viewport: { width: 1000, height: 800 } });
    await page.goto(running.site);
    const words = `A note from a browser, ${Date.now()}`;
    await page.getByLabel(/name/i).first().fill('A browser');
    await page.locator('textarea[name=text]').first().fill(words);
    await page.getByRole('button', { name: 'Leave your note' }).click();
    await page.getByText(words).first().waitFor();
    await page.reload();
    await page.getByText(words).first().waitFor();
    await page.screenshot({ path: process.env['SCREENSHOT'] ?? join(folder, 'site.png') });
  } finally {
    await opened.close();
  }
});

test('a server that is killed is replaced, and databases too', async () => {
  const before = await facts();
  const [victim] = before.servers;
  await fault({ kind: 'kill-server', server: victim!.id });
  await until('another server', (now) => isWhole(now) && now.servers.every(({ id }) => id !== victim!.id));
  await fault({ kind: 'kill-database', database: 'replica-1', stays: false });
  await until('the replica', isWhole);
});

test('killed with -9 and started again, it has its notes', async () => {
  const created = await fetch(`${running.site}/api/notes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'survives', author: 'test' }),
  });
  expect(created.status).toBe(201);
  trial.kill('SIGKILL');
  await once(trial, 'exit');
  await startTrial();
  const answer = await fetch(running.site + created.headers.get('location')!);
  expect(answer.status).toBe(200);
});
