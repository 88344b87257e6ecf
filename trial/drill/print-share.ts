import type { KindStats } from '../load/tally';
import { shareFailed } from './clients-saw';

/** `0.42 %`. */
export const percent = (share: number): string =>
  `${(share * 100).toFixed(share > 0 && share < 0.1 ? 2 : 1)} %`;

/** `3 of 900 (0.33 %)`. */
export const failedShare = (stats: KindStats): string =>
  `${stats.failed} of ${stats.sent} (${percent(shareFailed(stats))})`;
