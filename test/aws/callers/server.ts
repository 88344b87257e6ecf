/** A web server: what its boot script asks by the AWS CLI, and the site that it then starts. */
import { siteEnvironment } from '../../../app/environment';
import { secretsManager } from '../../../app/database/credentials';
import { partsOf } from '../../../lib/stage';
import { bootScript } from '../../../lib/web/boot-script';
import { Server } from '../../support/stand-ins/server';
import { answersOf } from '../answers';
import { callsOfCli } from '../cli';
import { type Call, recordCalls } from '../recording';
import type { Site } from '../site';
import type { Caller } from './caller';

const NAME = 'web server';

/** The user data of a stage, with every reference in it followed. */
function userDataOf(site: Site): string {
  const [template] = site.resources('AWS::EC2::LaunchTemplate');
  return (template!.properties['LaunchTemplateData'] as { UserData: string }).UserData;
}

/** What lies in S3 as the stage's boot script. */
function scriptOf({ stage }: Site): string {
  const { loneServer, localDatabase } = partsOf(stage);
  return bootScript(loneServer ? (localDatabase ? 'local' : 'remote') : undefined);
}

/** What a lone server runs each minute. */
const REPORT = 'opt/mysite/report';

/** Boots on the stand-in of a server, with a database to be moved where the stage moves one; then again, and fails. */
function bootCalls(site: Site): readonly Call[] {
  const server = new Server();
  try {
    if (site.stage === 'split-database') server.put('data/postgresql/17/PG_VERSION', '17\n');
    const boot = () => server.boot(userDataOf(site), scriptOf(site));
    const { code, output, calls } = boot();
    if (code !== 0) throw new Error(`The boot of ${site.stage} failed: ${output}`);
    const reported = server.has(REPORT) ? server.run(REPORT).calls : [];
    // Waiting for a site that never answers would take a hundred calls of stand-ins.
    server.fails('systemctl');
    const givenUp = boot().calls;
    return [...calls, ...reported, ...givenUp]
      .filter((call) => call.startsWith('aws '))
      .flatMap((call) => callsOfCli(NAME, call));
  } finally {
    server.remove();
  }
}

/** `NAME=value` of user data's header. */
function variablesOf(site: Site): Record<string, string> {
  const line = /^ENVIRONMENT=\((.*)\)$/m.exec(userDataOf(site))![1]!;
  return Object.fromEntries(
    [...line.matchAll(/'([^'=]+)=([^']*)'/g)].map(([, name, value]) => [name!, value!]),
  );
}

export const webServer: Caller = {
  name: NAME,
  role: 'FleetServerRole',
  drive: async (site) => {
    const { database } = siteEnvironment(variablesOf(site));
    const { writer, reader } = database;
    const secrets = [...new Set([writer.secretArn, reader.secretArn])].filter((arn) => arn !== undefined);
    const ofSite = await recordCalls(NAME, answersOf(site), async () => {
      for (const arn of secrets) await secretsManager(site.region)(arn);
    });
    return [...bootCalls(site), ...ofSite];
  },
};

/** The same program with the rights of the first two stages. */
export const loneServer: Caller = { ...webServer, role: 'LoneFleetServerRole' };
