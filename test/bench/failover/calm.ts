/** Ordinary trouble, in which nothing may fail over: restarts, throttling, a lost replica. */
import { RDSClient, RebootDBInstanceCommand } from '@aws-sdk/client-rds';
import { setTimeout as sleep } from 'node:timers/promises';
import { STATES, type StateName } from '../../../lambda/failover/states';
import type { Entry } from '../../../lambda/failover/ports';
import { shareFailed } from '../../../trial/drill/clients-saw';
import { type Look, missing } from '../../../trial/drill/group';
import { type Journal, openJournal } from '../../../trial/drill/journal';
import type { OwnTrial } from '../../../trial/drill/own-trial';
import { LOAD } from '../../../trial/drill/run';
import type { Fault } from '../../../trial/control/contract';
import { startLoad } from '../../../trial/load/load';
import type { Report } from '../../../trial/load/load';
import { clientConfig } from '../../../trial/target';
import { fetchFacts, sendFault } from '../../../trial/view/source';
import { BenchFailure } from '../failure';
import type { Section } from '../figure';
import type { Bench } from '../part';
import { withTrial } from './stand';

/** Between two of them, so that each has its consequences for itself. */
const REST_SECONDS = 60;

export async function calm(bench: Bench): Promise<Section> {
  const { hours } = bench;
  const seen = await withTrial(bench, ['database.replicas=2'], ({ trial }) => trouble(bench, trial));
  const { reports, entries, minutes, troubles } = seen;
  const alarms = falseAlarms(entries);
  const lost = reports.reduce(
    (sum, { audit }) => sum + ('impossible' in audit ? NaN : audit.missing.length),
    0,
  );
  const failed = (kind: 'reads' | 'writes') => reports.map((report) => shareFailed(report[kind]) * 100);
  return {
    part: 'failover-calm',
    title: 'False alarms',
    about: `Load of ${LOAD.rate} requests a second for ${minutes.toFixed(0)} minutes${hours === 1 ? '' : ` (--hours ${hours}; the goal is for one hour)`}, and one of these each ${REST_SECONDS} s in turn: ${TROUBLES.map(({ name }) => name).join(', ')}; ${troubles} in all. A false alarm is a failover that begins, or any other state of the severity "critical".`,
    figures: [
      { name: 'false alarms', unit: 'alarms', values: [alarms.length], goal: { atMost: 0 } },
      { name: 'acknowledged writes missing', unit: 'writes', values: [lost], goal: { atMost: 0 } },
      { name: 'share of reads that failed', unit: '%', values: failed('reads') },
      { name: 'share of writes that failed', unit: '%', values: failed('writes') },
    ],
  };
}

/** Names of the states that should not have been. */
export const falseAlarms = (entries: readonly Entry[]): string[] =>
  entries.flatMap(({ what }) => {
    const [, state] = /^state (\S+)/.exec(what) ?? [];
    return state !== undefined && STATES[state as StateName]?.severity === 'critical' ? [state] : [];
  });

interface Trouble {
  readonly name: string;
  readonly begin: (world: Around) => Promise<unknown>;
  readonly end?: (world: Around) => Promise<unknown>;
}

interface Around {
  readonly trial: OwnTrial;
  readonly rds: RDSClient;
  readonly look: Look;
}

const identifier = ({ look: { facts } }: Around, role: 'primary' | 'replica'): string =>
  facts.databases.find((one) => one.role === role)!.identifier;

const restart = (role: 'primary' | 'replica') => (around: Around) =>
  around.rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: identifier(around, role) }));

const fault =
  (given: Fault) =>
  ({ trial }: Around) =>
    sendFault(trial.running, given);

const TROUBLES: readonly Trouble[] = [
  { name: 'RDS restarts a replica', begin: restart('replica') },
  {
    name: "RDS's API throttles every call for 20 s",
    begin: fault({ kind: 'api', operation: '*', how: 'throttle' }),
    end: fault({ kind: 'api', operation: '*', how: 'work' }),
  },
  { name: 'RDS restarts the primary', begin: restart('primary') },
  {
    name: 'a replica is lost for good',
    begin: (around) =>
      sendFault(around.trial.running, {
        kind: 'kill-database',
        database: identifier(around, 'replica'),
        stays: true,
      }),
  },
  {
    name: 'the primary is killed, and RDS restarts it at once',
    begin: (around) =>
      sendFault(around.trial.running, {
        kind: 'kill-database',
        database: identifier(around, 'primary'),
        stays: false,
      }),
  },
];

const TROUBLE_SECONDS = 20;

/** Of one load (trial/load/options.ts): after that another one begins. */
const MOST_LOAD_SECONDS = 3_600;

async function trouble({ programs, hours, say, signal }: Bench, trial: OwnTrial) {
  const { running } = trial;
  const journal = await openJournal(running);
  const rds = new RDSClient(clientConfig(running));
  const begun = Date.now();
  const over = begun + hours * 3_600_000;
  const reports: Report[] = [];
  let troubles = 0;
  const pause = (millis: number) =>
    sleep(millis, undefined, { signal }).catch(() => {
      throw new BenchFailure('It was ended before it was over.');
    });
  try {
    await settled(trial, journal, signal);
    while (Date.now() < over) {
      const until = Math.min(over, Date.now() + MOST_LOAD_SECONDS * 1_000);
      const load = startLoad({ ...LOAD, url: running.site, folder: programs.folder(), seed: reports.length });
      try {
        while (Date.now() < until) {
          const { name, begin, end } = TROUBLES[troubles % TROUBLES.length]!;
          const around = { trial, rds, look: await settled(trial, journal, signal) };
          await pause(Math.min(REST_SECONDS * 1_000, until - Date.now()));
          if (Date.now() >= until) break;
          await begin(around);
          troubles++;
          await pause(TROUBLE_SECONDS * 1_000);
          await end?.(around);
          say(`${((Date.now() - begun) / 60_000).toFixed(0)} of ${(hours * 60).toFixed(0)} minutes: ${name}`);
        }
      } finally {
        reports.push(await load.stop());
      }
    }
    const entries = await journal.since(begun);
    return { reports, entries, troubles, minutes: (Date.now() - begun) / 60_000 };
  } finally {
    journal.close();
    rds.destroy();
  }
}

const SETTLED_WITHIN_SECONDS = 180;

async function settled({ running }: OwnTrial, journal: Journal, signal: AbortSignal): Promise<Look> {
  let why: string | undefined;
  for (const end = Date.now() + SETTLED_WITHIN_SECONDS * 1000; Date.now() < end; await sleep(500)) {
    if (signal.aborted) throw new BenchFailure('It was ended before it was over.');
    const look = { facts: await fetchFacts(running), stored: await journal.read() };
    why = missing(look, 2);
    if (why === undefined) return look;
  }
  throw new BenchFailure(`The group was not whole within ${SETTLED_WITHIN_SECONDS} s: ${why}.`);
}
