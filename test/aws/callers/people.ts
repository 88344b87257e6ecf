/** People, by `npm run failover` and `npm run recover`: with their own rights, so that only the requests are checked. */
import { openCloud } from '../../../bin/recover/aws';
import type { Cloud } from '../../../bin/recover/cloud';
import type { JournalAccess } from '../../../bin/failover/journal';
import { openJournal } from '../../../bin/failover/aws';
import { siteOf } from '../../../bin/people/site';
import { resolve } from 'node:path';
import { answersOf } from '../answers';
import { recordCalls } from '../recording';
import type { Caller } from './caller';

const NAME = 'people';

const FOLDER = resolve(__dirname, '../../..');

const REQUEST = { kind: 'plan', run: 'plan-1', by: 'anna@laptop', at: 1 } as const;

async function useJournal(journal: JournalAccess): Promise<void> {
  /** What is new is an error of types here. */
  const ways: Record<keyof JournalAccess, () => unknown> = {
    read: () => journal.read(),
    entries: () => journal.entries(20),
    hold: () => journal.hold({ by: 'anna@laptop', at: 1, why: 'maintenance' }),
    release: () => journal.release(),
    put: () => journal.put({ id: 'command-1', by: 'anna@laptop', at: 1, kind: 'switchover' }),
    withdraw: () => journal.withdraw('command-1'),
    now: () => journal.now(),
    close: () => undefined,
  };
  for (const use of Object.values(ways)) await use();
}

async function useCloud(cloud: Cloud): Promise<void> {
  const ways: Record<keyof Cloud, () => unknown> = {
    journal: () => useJournal(cloud.journal),
    run: () => cloud.run('plan-1'),
    runs: () => cloud.runs(),
    start: () => cloud.start(REQUEST),
    stop: () => cloud.stop('plan-1'),
    file: async () => {
      await cloud.file('recovery/plan-1/report.md')[Symbol.asyncIterator]().next();
    },
    close: () => undefined,
  };
  for (const use of Object.values(ways)) await use();
}

export const people: Caller = {
  name: NAME,
  comesWith: 'AWS::DynamoDB::Table',
  drive: (site) =>
    recordCalls(NAME, answersOf(site), async () => {
      const context = [`stage=${site.stage}`, 'name=mysite', `region=${site.region}`];
      const place = siteOf({ isTrial: false, isJson: false, context }, FOLDER, '.trial');
      const journal = await openJournal(place);
      await useJournal(journal);
      journal.close();
      const cloud = await openCloud(place);
      await useCloud(cloud);
      cloud.close();
    }),
};
