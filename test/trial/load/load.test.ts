import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Audit } from '../../../trial/load/audit';
import { readLedger } from '../../../trial/load/ledger';
import { type Report, startLoad } from '../../../trial/load/load';
import { type LoadOptions } from '../../../trial/load/options';
import { isSound, printedReport } from '../../../trial/load/print';
import { checkLedger } from '../../../trial/load/read-back';
import { type FakeSite, type Wrongs, fakeSite } from './fake-site';

let folder: string;
let site: FakeSite | undefined;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'load-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => site?.close());

const OPTIONS = {
  seconds: 0.5,
  rate: 200,
  writes: 0.4,
  clients: 6,
  seed: 65,
  timeoutMillis: 60_000,
  checkWithinMillis: 500,
};

const start = (options: Partial<LoadOptions> = {}) =>
  startLoad({ url: site!.url, folder, ...OPTIONS, ...options });

async function loaded(
  wrongs: Wrongs,
  options: Partial<LoadOptions> = {},
): Promise<Report & { audit: Audit }> {
  site = await fakeSite(wrongs);
  const load = start(options);
  await load.sent;
  const report = await load.stop();
  if ('impossible' in report.audit) throw new Error(report.audit.impossible);
  return report as Report & { audit: Audit };
}

test('on a site that does as it says, all is there', async () => {
  // Slowly: only a note that was acknowledged is changed or deleted.
  const report = await loaded({}, { clients: 2, rate: 40, seconds: 2.5 });
  expect(isSound(report)).toBe(true);
  expect(report.reads.sent + report.writes.sent).toBe(100);
  expect(report.errors).toEqual({});
  expect(report.audit).toMatchObject({
    acknowledged: report.writes.sent,
    there: report.writes.sent,
    missing: [],
    inDoubt: { there: 0, notThere: 0 },
    doubled: [],
  });
  // Of all kinds, or the comparison would prove little.
  const kinds = readLedger(report.ledger).flatMap((entry) =>
    entry.event === 'intended' ? [entry.kind] : [],
  );
  expect(new Set(kinds)).toEqual(new Set(['create', 'change', 'delete']));
  expect(report.ownReads).toMatchObject({ stale: 0, examples: [] });
  // How many there are depends on the machine's speed.
  expect(report.ownReads.compared).toBeGreaterThan(0);
  expect(Object.keys(report.servers).sort()).toEqual(['i-0', 'i-1']);
  expect(report.databases.writes).toEqual({ 'mysite-primary': report.writes.sent });
  expect(report.databases['other reads']).toEqual({ 'mysite-replica-1': expect.any(Number) });
});

test('sessions are kept, in cookies and in headers; who never wrote has none, so that replicas serve it', async () => {
  const report = await loaded({ lagMillis: 400 });
  expect(report.ownReads.stale).toBe(0);
  expect(site!.sessions.cookie).toBeGreaterThan(0);
  expect(site!.sessions.header).toBeGreaterThan(0);
  expect(report.databases['other reads']).toEqual({ 'mysite-replica-1': expect.any(Number) });
  expect(report.databases['own reads']['mysite-primary']).toBeGreaterThan(0);
});

test('a write that was acknowledged and is lost is missing, and told', async () => {
  const report = await loaded({ loseEvery: 9 });
  expect(report.audit.missing.length).toBeGreaterThanOrEqual(3);
  expect(report.audit.there).toBe(report.audit.acknowledged - report.audit.missing.length);
  expect(isSound(report)).toBe(false);
  // Which one it is depends on the order in which a busy machine answers.
  const [{ write, kind }] = report.audit.missing as [(typeof report.audit.missing)[number]];
  expect(printedReport(report).join('\n')).toContain(
    ` missing\n    Missing: write ${write} (${kind} of note`,
  );
});

test('a stale read of an own write is told', async () => {
  const report = await loaded({ stale: true, lagMillis: 200 });
  // How many there are depends on the machine's speed; five are shown at most.
  expect(report.ownReads.stale).toBeGreaterThan(0);
  expect(report.ownReads.examples).toHaveLength(Math.min(5, report.ownReads.stale));
  expect(report.ownReads.examples[0]).toMatch(
    /^After \d\.\d s note \d+ \(id \d+\) .*, as i-[01] read it from mysite-replica-1\.$/,
  );
  expect(isSound(report)).toBe(false);
});

test('a write that was done and not acknowledged is in doubt, and no fault', async () => {
  const report = await loaded({ swallowEvery: 5 });
  expect(report.errors).toEqual({ 'writes: cut off': report.audit.inDoubt.there });
  expect(report.audit.inDoubt.there).toBeGreaterThan(3);
  expect(report.audit).toMatchObject({ missing: [], inDoubt: { notThere: 0 } });
  expect(isSound(report)).toBe(true);
});

test('a write that was done twice is told', async () => {
  const report = await loaded({ double: true });
  expect(report.audit.doubled.length).toBeGreaterThan(3);
  expect(isSound(report)).toBe(false);
});

test('failures are counted by kind, and a failed write is not missing', async () => {
  const report = await loaded({ failWrites: 503 });
  expect(report.errors).toEqual({ 'writes: 503': report.writes.sent });
  expect(report.writes).toMatchObject({ succeeded: 0, p99: undefined });
  expect(report.writes.longestGap.milliseconds).toBeGreaterThan(450);
  expect(report.audit).toMatchObject({ acknowledged: 0, missing: [], inDoubt: { there: 0 } });
  expect(report.reads.failed).toBe(0);
});

test('a site that hangs holds back no other request', async () => {
  const report = await loaded({ hangWrites: true }, { timeoutMillis: 5_000 });
  expect(report.errors).toEqual({ 'writes: no answer within 5 s': report.writes.sent });
  expect(report.reads).toMatchObject({ failed: 0 });
  expect(report.reads.sent + report.writes.sent).toBe(100);
});

test('waiting counts from when the request was due', async () => {
  site = await fakeSite();
  const load = start({ seconds: 0.4, rate: 50, writes: 0 });
  // Nothing can be sent meanwhile: as if this machine had stood still.
  setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200), 50);
  await load.sent;
  expect((await load.stop()).reads.p95).toBeGreaterThan(120);
});

test('when the notes cannot be read at the end, that is told instead of a verdict', async () => {
  site = await fakeSite();
  const load = start({ seconds: 0.2 });
  await load.sent;
  site.wrongs.failReads = 503;
  const report = await load.stop();
  expect(report.audit).toEqual({
    impossible: 'The site could not be read back (status 503), so nothing is known of the writes.',
  });
  expect(isSound(report)).toBe(false);
  expect(printedReport(report).join(' ')).toContain('could not be read back');
});

test('a ledger can be compared again: what a recovery has put back is there', async () => {
  const report = await loaded({ loseEvery: 9 });
  for (const entry of readLedger(report.ledger)) {
    if (entry.event !== 'intended') continue;
    const lost = report.audit.missing.some(({ write }) => write === entry.write);
    const { run } = readLedger(report.ledger)[0] as { run: string };
    const id = entry.id ?? 100_000 + entry.note;
    const text = `load ${run}, note ${entry.note}, revision ${entry.revision}`;
    if (lost && entry.kind === 'delete') site!.notes.delete(id);
    else if (lost) site!.notes.set(id, { id, author: 'recovery', text, version: 1 });
  }
  site!.wrongs.lagMillis = 1e6; // what was put back here is on the primary only
  const again = await checkLedger(report.ledger, site!.url);
  expect(report.audit.missing.length).toBeGreaterThan(0);
  expect(again.missing).toEqual([]);
});

test('the same seed asks for the same', async () => {
  const asked = async () => {
    const report = await loaded({}, { rate: 100 });
    await site!.close();
    return [report.reads.sent, report.writes.sent];
  };
  const first = await asked();
  expect(await asked()).toEqual(first);
});

test('it can be stopped at any time, twice, and watched meanwhile', async () => {
  site = await fakeSite();
  const load = start({ seconds: undefined });
  while (load.stats().reads.succeeded === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const [one, other] = await Promise.all([load.stop(), load.stop()]);
  expect(one).toBe(other);
  expect(isSound(one)).toBe(true);
});

test.each([
  [
    'http://192.168.1.7:8080',
    '192.168.1.7:8080 is not on this machine: load is sent to localhost and 127.0.0.0/8 only.',
  ],
  ['http://127.0.0.1.example.com', 'is not on this machine'],
  ['http://localhost@example.com/', 'example.com is not on this machine'],
  [
    'https://localhost',
    '"https://localhost" is not the URL of a trial\'s site, such as http://localhost:8080.',
  ],
  ['localhost:8080', 'is not the URL'],
  ['', 'is not the URL'],
])('no load is sent to %s', (url, sentence) => {
  expect(() => startLoad({ url, folder, ...OPTIONS })).toThrow(sentence);
});

test('the report fits into 80 columns, but for the path of the ledger', async () => {
  const report = await loaded({ stale: true, lagMillis: 200, loseEvery: 9, swallowEvery: 7 });
  const names = { ...report.servers, [`i-${'x'.repeat(100)}`]: 1, ['y'.repeat(50)]: 1 };
  const lines = printedReport({ ...report, servers: names });
  expect(lines.slice(0, -1).filter((line) => line.length > 80)).toEqual([]);
  expect(lines.at(-1)).toContain(report.ledger);
});
