/** The site's program: environment in, server up, SIGTERM down. Bundled into one file by bundle.ts. */
import { readFileSync } from 'node:fs';
import { apiRoutes } from './api';
import { secretsManager } from './database/credentials';
import { openDatabase } from './database/database';
import type { SiteEnvironment } from './environment';
import { siteEnvironment } from './environment';
import type { Log } from './log';
import { createLog } from './log';
import { pageRoutes } from './pages';
import { realNameFinder } from './database/real-name';
import { respond } from './respond';
import { router } from './router';
import { keepPreparingSchema } from './schema';
import { siteServer } from './server';
import { statusRoutes } from './status';

/** Connections end within this after the last request; then the process ends whether or not they have. */
const CLOSE_MILLIS = 1_000;

async function run(environment: SiteEnvironment, log: Log): Promise<void> {
  const { caFile } = environment.database;
  const database = openDatabase(environment, {
    fetchSecret: secretsManager(environment.region),
    findRealName: realNameFinder(),
    ca: caFile && readFileSync(caFile, 'utf8'),
    log,
  });
  const route = router([
    ...pageRoutes(database, environment),
    ...apiRoutes(database),
    ...statusRoutes(database, environment.server, () => server.isDraining()),
  ]);
  const server = siteServer((request) => respond(request, route, environment, log), log);
  const stopping = new AbortController();

  const stop = async (signal: string) => {
    if (stopping.signal.aborted) process.exit(1);
    log.info('draining', { signal, seconds: environment.drainSeconds });
    stopping.abort();
    const cutOff = await server.drain(environment.drainSeconds);
    const timer = setTimeout(() => process.exit(0), CLOSE_MILLIS);
    await database.close();
    clearTimeout(timer);
    log[cutOff > 0 ? 'warn' : 'info']('stopped', { requestsCutOff: cutOff });
    process.exit(0);
  };
  process.on('SIGTERM', (signal) => void stop(signal));
  process.on('SIGINT', (signal) => void stop(signal));

  // Serving comes first: the health check must pass while the database is still away.
  log.info('listening', { port: await server.listen(environment.port) });
  await keepPreparingSchema(database, log, stopping.signal);
}

const fail = (log: Log) => (error: unknown) => {
  log.error('the site ends', { error });
  process.exitCode = 1;
  // Not at once: what was logged has to reach the pipe.
  setImmediate(() => process.exit(1));
};

const startLog = createLog('info');
process.on('uncaughtException', fail(startLog));
try {
  const environment = siteEnvironment(process.env);
  run(environment, createLog(environment.logLevel)).catch(fail(startLog));
} catch (error) {
  fail(startLog)(error);
}
