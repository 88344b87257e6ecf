/** Promises that several drills make. Pure. */
import { milliseconds, seconds } from '../../lib/terminal/quantities';
import { failedShare } from './print-share';
import { doubledIds, firstWriteAfter, idJump, losses, shareFailed } from './clients-saw';
import type { Evidence, Verdict } from './drill';
import { failoverOf } from './timeline';

/** Every acknowledged write is there. */
export function nothingLost(evidence: Evidence): Verdict {
  const lost = losses(evidence, undefined);
  return {
    promise: 'every acknowledged write is there',
    isKept: lost !== undefined && lost.missing.length === 0,
    found: lost ? `${lost.missing.length} missing of ${acknowledged(evidence)}` : unread(evidence),
  };
}

/** Every acknowledged write is there, or had not been replicated when the old primary was given up. */
export function lostOnlyPastFork(evidence: Evidence, oldPrimary: string): Verdict {
  const lost = losses(evidence, oldPrimary);
  const promise = 'every acknowledged write is there, or was not replicated at the fork';
  if (!lost) return { promise, isKept: false, found: unread(evidence) };
  const { missing, unexplained } = lost;
  return {
    promise,
    isKept: unexplained.length === 0,
    found:
      missing.length === 0
        ? `none missing of ${acknowledged(evidence)}`
        : `${missing.length} missing of ${acknowledged(evidence)}: ${missing.length - unexplained.length} past the fork, ${unexplained.length} that should be there`,
  };
}

const acknowledged = ({ load: { audit } }: Evidence): number =>
  'impossible' in audit ? 0 : audit.acknowledged;

const unread = ({ load: { audit } }: Evidence): string => ('impossible' in audit ? audit.impossible : '');

/** Also of those who write: nobody misses what he wrote, unless that is lost. */
export function ownWritesRead({ load: { ownReads } }: Evidence): Verdict {
  return {
    promise: 'whoever wrote reads what he wrote',
    isKept: ownReads.stale === 0,
    found: `${ownReads.stale} of ${ownReads.compared} stale${ownReads.examples[0] ? `: ${ownReads.examples[0]}` : ''}`,
  };
}

export function gapAtMost(kind: 'reads' | 'writes', limitSeconds: number, { load }: Evidence): Verdict {
  const { milliseconds: longest } = load[kind].longestGap;
  return {
    promise: `no gap in ${kind} longer than ${seconds(limitSeconds)}`,
    isKept: longest <= limitSeconds * 1000,
    found: milliseconds(longest),
    isOfTime: true,
  };
}

/** @param share 0 to 1 */
export function failedLessThan(kind: 'reads' | 'writes', share: number, { load }: Evidence): Verdict {
  return {
    promise: `less than ${(share * 100).toFixed(1)} % of ${kind} fail`,
    isKept: shareFailed(load[kind]) < share,
    found: failedShare(load[kind]),
    isOfTime: true,
  };
}

/** The goal of the issue: the median of ten at most 6 s, the longest 10 s. */
const FIRST_WRITE_SECONDS = 10;

export function writtenWithin(evidence: Evidence, oldPrimary: string): Verdict {
  const first = firstWriteAfter(evidence, oldPrimary);
  return {
    promise: `the new primary acknowledges a write within ${FIRST_WRITE_SECONDS} s of the fault`,
    isKept: first !== undefined && first <= FIRST_WRITE_SECONDS * 1000,
    found: first === undefined ? 'none was acknowledged' : `after ${milliseconds(first)}`,
    isOfTime: first !== undefined,
  };
}

export function keysAreNew({ ledger }: Evidence, oldPrimary: string): Verdict {
  const doubled = doubledIds(ledger);
  const jump = idJump(ledger, oldPrimary);
  return {
    promise: 'no key is given out twice',
    isKept: doubled.length === 0 && (jump === undefined || jump > 0),
    found:
      doubled.length > 0
        ? `${doubled.length} were, such as ${doubled[0]}`
        : `the new primary's first key is ${jump ?? 'not known to be'} past the old one's last`,
  };
}

/** One epoch promotes one instance; asked for again is the same promotion. */
export function promotedOncePerEpoch({ entries }: Evidence, epochs: number): Verdict {
  const asked = new Map<number, Set<string>>();
  for (const { epoch, what } of entries) {
    const [, target] = /^promote (\S+)/.exec(what) ?? [];
    if (target) asked.set(epoch, (asked.get(epoch) ?? new Set()).add(target));
  }
  const each = [...asked].map(([epoch, targets]) => `epoch ${epoch}: ${targets.size}`);
  return {
    promise: `the journal has one promotion of one instance in each of ${epochs} epoch${epochs === 1 ? '' : 's'}`,
    isKept: asked.size === epochs && [...asked.values()].every((targets) => targets.size === 1),
    found: each.join(', ') || 'none',
  };
}

/** Fork and snapshot stand in the journal before anybody was asked to be promoted. */
export function forkWritten(evidence: Evidence): Verdict {
  const fork = failoverOf(evidence)?.fork;
  return {
    promise: 'the fork is in the journal: log position and snapshot',
    isKept: fork !== undefined,
    found: fork ? `${fork.lsn}, ${fork.snapshot}` : 'it is not',
  };
}
