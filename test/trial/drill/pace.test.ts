import { outcomeOf } from '../../../trial/drill/outcome';
import { Pace, slowness } from '../../../trial/drill/pace';

const sample = (took: number, worked = 30) => ({ took, worked });

describe('how slow the machine was', () => {
  test.each([
    ['alone', [30, 31, 30, 32], 1],
    ['shared by three', [90, 95, 91, 30], 3],
    ['once late: that says nothing of the rest', [30, 30, 30, 30, 400], 1],
    ['nothing was measured', [], 1],
  ])('%s', (_, took, expected) => {
    expect(slowness(took.map((one) => sample(one)))).toBeCloseTo(expected, 0);
  });

  test('the time of a processor says what it would take alone, on a machine that was never quiet', () => {
    expect(slowness([sample(120), sample(120), sample(120)])).toBe(4);
  });

  test('it is measured while something runs', async () => {
    const pace = new Pace();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await pace.stop()).toBeGreaterThanOrEqual(1);
  });
});

test.each([
  [{ isKept: true, isOfTime: true }, 9, 'kept'],
  [{ isKept: false, isOfTime: true }, 1.1, 'broken'],
  [{ isKept: false, isOfTime: true }, 4, 'undecided'],
  // Nothing else is excused by a busy machine.
  [{ isKept: false }, 40, 'broken'],
])('%j on a machine %d times as slow: %s', (verdict, times, outcome) => {
  expect(outcomeOf({ promise: 'one', found: 'so', ...verdict }, times)).toBe(outcome);
});
