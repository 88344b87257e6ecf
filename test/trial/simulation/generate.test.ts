import { generate } from '../../../trial/simulation/generate';
import { endOf } from '../../../trial/simulation/schedule';
import { scheduleText } from '../../../trial/simulation/words';

const many = Array.from({ length: 400 }, (_, index) => generate(index));

test('every kind of fault comes up', () => {
  const kinds = new Set(many.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
  expect([...kinds].sort()).toEqual(
    [
      'kill',
      'astray',
      'rename',
      'unseen',
      'lose-host',
      'dead',
      'freeze',
      'isolate',
      'cut',
      'slow-replication',
      'slow-replay',
      'disk-full',
      'reboot',
      'delete',
      'calls',
      'stale',
      'crash',
      'pause',
      'second-run',
      'hold',
      'command',
      'deployment',
      'grow',
      'occupied',
      'no-capacity',
      'shown',
      'promotion',
      'own-failover',
      'class-waits',
      'errors',
      'flap',
    ].sort(),
  );
});

test('RDS fails by single operations, and describes each instance at another time', () => {
  const faults = many.flatMap((schedule) => schedule.faults);
  const operations = new Set(
    faults.flatMap((fault) => (fault.kind === 'calls' ? (fault.operation ?? []) : [])),
  );
  expect(operations.size).toBe(6);
  expect(faults.some((fault) => fault.kind === 'stale' && fault.each)).toBe(true);
});

test('faults come in order, end, and fall on top of each other', () => {
  for (const schedule of many) {
    const begins = schedule.faults.map(({ at }) => at);
    expect(begins).toEqual([...begins].sort((one, other) => one - other));
    expect(endOf(schedule)).toBeLessThan(65 * 60);
  }
  const overlapping = many.filter(({ faults }) =>
    faults.some((one) =>
      faults.some((other) => one !== other && other.at > one.at && other.at < one.at + one.lasts),
    ),
  );
  expect(overlapping.length).toBeGreaterThan(100);
});

test('a schedule can be read', () => {
  for (const schedule of many) {
    const text = scheduleText(schedule);
    expect(text.split('\n')).toHaveLength(1 + schedule.faults.length);
    expect(text).not.toMatch(/undefined|\[object/);
  }
});
