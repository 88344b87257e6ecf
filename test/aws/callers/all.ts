import type { Site } from '../site';
import type { Caller } from './caller';
import { cloudFormation } from './cloudformation';
import { controller, release } from './controller';
import { people } from './people';
import { prepareDatabase } from './prepare-database';
import { protection } from './protection';
import { recovery } from './recovery';
import { loneServer, webServer } from './server';
import { siteRecord } from './site-record';
import { succession } from './succession';
import { trial } from './trial';

export const CALLERS: readonly Caller[] = [
  controller,
  release,
  recovery,
  prepareDatabase,
  protection,
  siteRecord,
  succession,
  webServer,
  cloudFormation,
  loneServer,
  people,
  trial,
];

/** Those that a stage has. */
export const callersOf = (site: Site): readonly Caller[] =>
  CALLERS.filter(({ function: begins, role, comesWith }) => {
    const has = (type: string, start = '') => site.resources(type).some(({ id }) => id.startsWith(start));
    if (begins) return has('AWS::Lambda::Function', begins);
    if (role) return has('AWS::IAM::Role', role);
    return comesWith === undefined || has(comesWith);
  });
