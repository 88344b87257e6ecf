/** What a person may type in a state that waits for one. */
import type { StateName } from '../../lambda/failover/states';
import { PROGRAM } from './words';

const typed = (words: string) => `${PROGRAM} -- ${words}`;

export const HINTS: Partial<Record<StateName, string>> = {
  held: `${typed('release')} lets the controller act again`,
  'needs-acknowledgement': `${typed('acknowledge')} lets it fail over again`,
  'would-fail-over': `${typed('promote --why "…"')} begins the failover`,
  'no-fit-candidate': `${typed('promote --accept-loss --why "…"')} takes the nearest replica; what it lacks is lost until recovery`,
  'candidate-unfit': `${typed('promote --accept-loss --why "…"')} takes the nearest replica; what it lacks is lost until recovery`,
  'fence-unverified': `${typed('promote --without-fence --why "…"')} goes on; first make sure yourself that no client reaches the old primary`,
  'retired-waits':
    'npm run recover -- plan shows what is missing; npm run recover -- waive --why "…" gives it up',
};
