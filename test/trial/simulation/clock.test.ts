import { SimulatedClock, START } from '../../../trial/simulation/clock';

async function runAll(clock: SimulatedClock, end = START + 1e9): Promise<void> {
  while (await clock.step(end));
}

test('what is to happen happens in the order of its time, and of equals in the order of the calls', async () => {
  const clock = new SimulatedClock();
  const seen: string[] = [];
  const times = [5, 3, 9, 3, 1, 7, 3, 0];
  times.forEach((at, index) => clock.after(at, () => seen.push(`${at}#${index} ${clock.now() - START}`)));
  await runAll(clock);
  expect(seen).toEqual(['0#7 0', '1#4 1', '3#1 3', '3#3 3', '3#6 3', '5#0 5', '7#5 7', '9#2 9']);
});

test('thousands of them too', async () => {
  const clock = new SimulatedClock();
  const seen: number[] = [];
  for (let index = 0; index < 5_000; index++) {
    const at = (index * 7919) % 4001;
    clock.after(at, () => seen.push(at));
  }
  await runAll(clock);
  expect(seen).toHaveLength(5_000);
  expect(seen).toEqual([...seen].sort((one, other) => one - other));
});

test('what was taken back does not happen', async () => {
  const clock = new SimulatedClock();
  const seen: string[] = [];
  const cancel = clock.after(1, () => seen.push('never'));
  clock.after(2, () => seen.push('two'));
  cancel();
  await runAll(clock);
  expect(seen).toEqual(['two']);
});

test('all that waits only for promises is over before time goes on', async () => {
  const clock = new SimulatedClock();
  const seen: string[] = [];
  const chain = async (name: string) => {
    for (let index = 0; index < 50; index++) await Promise.resolve();
    seen.push(`${name} ${clock.now() - START}`);
  };
  clock.after(10, () => void chain('first'));
  clock.after(11, () => seen.push('second 11'));
  await runAll(clock);
  expect(seen).toEqual(['first 10', 'second 11']);
});

test('it stops at the end, and sleepers wake at their time', async () => {
  const clock = new SimulatedClock();
  let woken = 0;
  void clock.sleep(100).then(() => (woken = clock.now() - START));
  expect(await clock.step(START + 50)).toBe(false);
  expect(clock.now()).toBe(START + 50);
  expect(woken).toBe(0);
  expect(await clock.step(START + 200)).toBe(true);
  expect(woken).toBe(100);
});
