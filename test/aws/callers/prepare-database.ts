/** What makes the roles of the database: it reads their secrets, and the master's. */
import { prepareEnvironment } from '../../../lambda/prepare-database/environment';
import { run } from '../../../lambda/prepare-database/handler';
import { secretsManager } from '../../../app/database/credentials';
import { answersOf } from '../answers';
import { authorities } from '../authorities';
import { recordCalls } from '../recording';
import { type Caller, environmentOf } from './caller';

const NAME = 'preparation of the database';

export const prepareDatabase: Caller = {
  name: NAME,
  function: 'PrepareDatabaseFunction',
  role: 'PrepareDatabaseRole',
  drive: (site) =>
    recordCalls(NAME, answersOf(site), async () => {
      const environment = prepareEnvironment(environmentOf(site, 'PrepareDatabaseFunction', authorities()));
      const noDatabase = new Error('there is no database');
      const parts = {
        fetchSecret: secretsManager(site.region),
        findRealName: () => Promise.reject(noDatabase),
      };
      await run(environment, parts, Date.now()).catch((error: unknown) => {
        if (error !== noDatabase) throw error;
      });
    }),
};
