import { z } from 'zod';
import { database } from './settings/groups/database';
import { failover } from './settings/groups/failover';
import { general } from './settings/groups/general';
import { network } from './settings/groups/network';
import { alarms, logs } from './settings/groups/operations';
import { server } from './settings/groups/server';
import { site } from './settings/groups/site';
import { web } from './settings/groups/web';

/**
 * Every setting of the blueprint: its type, unit, default, check and one sentence, a group a file. From these definitions
 * come the parsed settings (settings/read.ts), docs/settings.md and docs/settings.schema.json (settings/document.ts).
 * What involves more than one setting is in settings/cross-checks.ts.
 */

const group = <T extends z.ZodRawShape>(shape: T, description: string) =>
  // A prefault is parsed, so that an absent group gets the defaults of its members.
  z
    .strictObject(shape)
    .prefault({} as never)
    .meta({ description });

/** The settings as they are given; every key may be absent. */
export const settingsSchema = z.strictObject({
  ...general,
  network: group(network, 'Network'),
  site: group(site, 'Name of the site'),
  web: group(web, 'Web servers'),
  server: group(server, 'The lone server of the first two stages'),
  database: group(database, 'Database'),
  failover: group(failover, 'Failover'),
  alarms: group(alarms, 'Alarms'),
  logs: group(logs, 'Logs'),
});

type Given = z.output<typeof settingsSchema>;

/** The settings as the stacks get them: checked, and with every default worked out. */
export interface Settings extends Given {
  readonly network: Given['network'] & { readonly natGateways: number };
  readonly site: Given['site'] & { readonly https: boolean };
}
