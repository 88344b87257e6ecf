/** The smallest schedule that still breaks the same promise. */
import type { Fault, Schedule } from './schedule';
import { simulate, type Result } from './simulate';
import type { Controller } from './world';

/** Simulations at most. */
const TRIES = 250;

/**
 * Leaves faults out, makes those that remain shorter, rounder and rarer, and the group smaller, as long as the same point
 * is broken.
 *
 * @param failed a result with a violation
 * @returns that of the smallest schedule found
 */
export async function shrink(failed: Result, controller: Controller = {}): Promise<Result> {
  let best = failed;
  let tries = 0;
  const improve = async (schedule: Schedule): Promise<boolean> => {
    if (tries++ >= TRIES) return false;
    const result = await simulate(schedule, controller);
    if (result.violation?.number !== failed.violation!.number) return false;
    best = result;
    return true;
  };
  for (let improved = true; improved && tries < TRIES;) {
    improved = false;
    for (const smaller of smallerThan(best.schedule)) {
      if (!(await improve(smaller))) continue;
      improved = true;
      // What is smaller than the smaller one is tried first.
      break;
    }
  }
  return best;
}

/** What is simpler in one respect, the largest steps first. */
export function* smallerThan(schedule: Schedule): Generator<Schedule> {
  const { faults, setup } = schedule;
  for (let size = Math.floor(faults.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let begin = 0; begin + size <= faults.length; begin += size) {
      yield { ...schedule, faults: faults.filter((_, index) => index < begin || index >= begin + size) };
    }
  }
  if (setup.replicas > 1) yield { ...schedule, setup: { ...setup, replicas: setup.replicas - 1 } };
  if (setup.clients > 1)
    yield { ...schedule, setup: { ...setup, clients: 1, clinging: Math.min(1, setup.clinging) } };
  if (setup.clinging > 0) yield { ...schedule, setup: { ...setup, clinging: 0 } };
  if (setup.multiAz) yield { ...schedule, setup: { ...setup, multiAz: false } };
  if (setup.fencePolicy !== 'strict') yield { ...schedule, setup: { ...setup, fencePolicy: 'strict' } };
  for (const [index, fault] of faults.entries()) {
    for (const simpler of simplerThan(fault)) {
      yield { ...schedule, faults: faults.map((one, other) => (other === index ? simpler : one)) };
    }
  }
}

function* simplerThan(fault: Fault): Generator<Fault> {
  const { lasts, at } = fault;
  if (lasts > 60) yield { ...fault, lasts: Math.floor(lasts / 2) };
  if (lasts > 20) yield { ...fault, lasts: Math.floor(lasts / 20) * 10 };
  if (at % 10 !== 0) yield { ...fault, at: Math.round(at / 10) * 10 };
  if (fault.kind === 'calls' && fault.share < 1) yield { ...fault, share: 1 };
  if ((fault.kind === 'crash' || fault.kind === 'pause') && fault.step > 1) {
    yield { ...fault, step: Math.floor(fault.step / 2) };
  }
}
