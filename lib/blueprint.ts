import { type App, type Environment, Tags } from 'aws-cdk-lib';
import { DataStack } from './data-stack';
import { NetworkStack } from './network-stack';
import { OperationsStack } from './operations-stack';
import type { Settings } from './settings';
import { partsOf } from './stage';
import { WebStack } from './web-stack';
import { ZoneStack } from './zone-stack';

/**
 * Adds the stacks of the settings' stage to `app`, in the order of their deployment: zone (when the domain's
 * hosted zone is new), network, data (once the database has left the server), web, operations.
 *
 * @param folder what `web.artifact` is relative to
 */
export function blueprint(app: App, settings: Settings, folder: string): void {
  const env: Environment = { account: settings.account, region: settings.region };
  const parts = partsOf(settings.stage);
  const stackName = (part: string) => `${settings.name}-${part}`;
  const { zoneName, hostedZoneId } = settings.site;

  const zone =
    zoneName && !hostedZoneId ? new ZoneStack(app, stackName('zone'), { env, zoneName }) : undefined;
  const network = new NetworkStack(app, stackName('network'), { env, settings });
  const data = parts.database ? new DataStack(app, stackName('data'), { env, settings, network }) : undefined;
  const web = new WebStack(app, stackName('web'), { env, settings, folder, network, data, zone });
  new OperationsStack(app, stackName('operations'), { env, settings, data, web });

  for (const [key, value] of Object.entries(settings.tags)) Tags.of(app).add(key, value);
}
