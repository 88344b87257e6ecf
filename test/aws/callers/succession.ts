import { handler } from '../../../lambda/succession/handler';
import { HEALTHY_TARGETS } from '../../../lambda/succession/properties';
import type { Caller } from './caller';
import { driveCustomResource } from './custom-resource';

const NAME = 'succession';

/** What waits for healthy targets; its other half waits for time alone. */
export const succession: Caller = {
  name: NAME,
  function: 'SuccessionFunction',
  role: 'SuccessionRole',
  drive: (site) => driveCustomResource(NAME, site, HEALTHY_TARGETS, handler),
};
