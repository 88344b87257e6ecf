import { handler } from '../../../lambda/protect/handler';
import type { Caller } from './caller';
import { driveCustomResource } from './custom-resource';

const NAME = 'deletion protection';

/** What protects the primary and the load balancer at the end of a deployment. */
export const protection: Caller = {
  name: NAME,
  function: 'ProtectionFunction',
  role: 'ProtectionRole',
  drive: (site) => driveCustomResource(NAME, site, 'Custom::DeletionProtection', handler),
};
