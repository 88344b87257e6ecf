import { count } from './times';

/** Where the links at the top of a page lead. */
export const ANCHORS = {
  apply: 'put-back',
  conflicts: 'conflicts',
  unrecoverable: 'unrecoverable',
  split: 'split-transactions',
} as const;

/** Nothing is left out in silence. */
export const moreThan = (all: number, shown: number): { more?: string } =>
  all > shown ? { more: `… and ${count(all - shown)} more in the plan file.` } : {};
