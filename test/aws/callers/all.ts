import type { Site } from '../site';
import type { Caller } from './caller';
import { controller, release } from './controller';
import { people } from './people';
import { prepareDatabase } from './prepare-database';
import { protection } from './protection';
import { recovery } from './recovery';
import { loneServer, webServer } from './server';
import { succession } from './succession';

export const CALLERS: readonly Caller[] = [
  controller,
  release,
  recovery,
  prepareDatabase,
  protection,
  succession,
  webServer,
  loneServer,
  people,
];

/** Those that a stage has; people come with the controller. */
export const callersOf = (site: Site): readonly Caller[] =>
  CALLERS.filter(({ function: begins, role }) => {
    const has = (type: string, start: string) => site.resources(type).some(({ id }) => id.startsWith(start));
    if (begins) return has('AWS::Lambda::Function', begins);
    return role ? has('AWS::IAM::Role', role) : callersAreThere(site);
  });

const callersAreThere = (site: Site) => site.resources('AWS::DynamoDB::Table').length > 0;
