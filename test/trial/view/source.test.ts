import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrialFailure } from '../../../trial/failure';
import { NO_TRIAL, RUNNING_FILE, fetchFacts, runningTrial, sendFault } from '../../../trial/view/source';
import { DEAD_PID, type SeemingTrial, seemingTrial } from './control';
import { WELL } from './facts';

let trial: SeemingTrial;
beforeEach(async () => void (trial = await seemingTrial(WELL)));
afterEach(() => trial.close());

test('the facts of the trial that runs', async () => {
  expect(await fetchFacts(runningTrial(trial.folder))).toEqual(WELL);
});

test('a fault reaches it, and its sentence comes back', async () => {
  const fault = { kind: 'kill-database', database: 'mysite-primary', stays: true } as const;
  expect(await sendFault(trial.running, fault)).toBe('Done: kill-database.');
  expect(trial.faults).toEqual([fault]);
  trial.refusal = 'It is dead already.';
  await expect(sendFault(trial.running, fault)).rejects.toThrow(new TrialFailure('It is dead already.'));
});

test.each([
  ['of a process that has ended', JSON.stringify({ pid: DEAD_PID, control: 'http://127.0.0.1:1' })],
  ['half written', '{"pid": 1'],
  ['of something else', '{"pid": "1", "control": 7}'],
  ['without anything', ''],
])('a file %s counts as none', (_, text) => {
  writeFileSync(join(trial.folder, RUNNING_FILE), text);
  expect(() => runningTrial(trial.folder)).toThrow(NO_TRIAL);
});

test('no file, no trial', () => {
  rmSync(join(trial.folder, RUNNING_FILE));
  expect(() => runningTrial(trial.folder)).toThrow(NO_TRIAL);
});

test('a trial that does not answer, or answers what none would, is told in a sentence', async () => {
  const silent = { ...trial.running, control: 'http://127.0.0.1:1' };
  await expect(fetchFacts(silent)).rejects.toThrow(
    /^The trial does not answer at http:\/\/127.0.0.1:1: wait/,
  );
  for (const facts of ['<html>', '{}', 'null', '{"servers": 1}']) {
    trial.facts = facts;
    await expect(fetchFacts(trial.running)).rejects.toThrow(/answered 200, which no trial does/);
  }
});
