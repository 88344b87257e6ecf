import { join, resolve } from 'node:path';
import { wantsColour } from '../lib/terminal/colour';
import { HELP, type TrialArguments, parseArguments } from './arguments';
import { TrialFailure } from './failure';
import { ownFolder } from './folder';
import { Processes } from './processes';
import { Steps } from './steps';
import { type Outcome, Trial } from './trial';
import { sentences } from './undeployed';
import { PATIENCE_MILLIS, serveTrial } from './serve';
import { complaints, printed } from './walk/print';

/** All that a trial keeps, unless the command line says otherwise; ignored by git. */
const TRIAL_FOLDER = join(__dirname, '../.trial');

const processes = new Processes();
let trial: Trial | undefined;

// The SDK in package-lock.json runs on Node 20; its advice on later ones is for whoever pins the next.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

/** `npm start`: deploys the blueprint into an AWS on this machine, shows what was deployed, and stays. */
async function main(args: TrialArguments): Promise<number> {
  if (args.help) {
    console.log(HELP);
    return 0;
  }
  const begun = performance.now();
  const progress = args.json ? process.stderr : process.stdout;
  const steps = new Steps(progress, wantsColour(progress, process.env));
  const { endpoint, port, verbose } = args;
  const kept = args.folder ? resolve(args.folder) : TRIAL_FOLDER;
  trial = new Trial({
    processes,
    steps,
    // Another run at the same time has a folder of its own.
    folder: ownFolder(kept),
    stateFolder: join(kept, 'state'),
    network: args.network,
    timeScale: args.timeScale,
    verbose,
    endpoint,
    port,
  });

  const context = [...args.context, ...(args.stage ? [`stage=${args.stage}`] : [])];
  const outcome = await trial.deploy(await trial.synth(context));
  const { world } = trial;
  const served =
    world &&
    (await steps.run('servers and load balancer', () => serveTrial(world, outcome, kept, args.sitePort)));
  const seconds = Number(((performance.now() - begun) / 1000).toFixed(2));
  report(args, outcome, served, seconds, steps.times);
  if (complaints(outcome.links).length > 0) return 1;
  const code = served && !served.answers ? 1 : 0;
  if (args.once || !world) return code;

  progress.write(nextSteps(outcome, served!.site));
  const last = await world.emulator.ended;
  throw new TrialFailure(
    `The emulator has ended by itself: ${last.trim().split('\n').at(-1)}. Run npm start again.`,
  );
}

function report(
  { json }: TrialArguments,
  outcome: Outcome,
  served: { readonly site: string; readonly answers: boolean } | undefined,
  seconds: number,
  times: Steps['times'],
): void {
  const { links, undeployed, target, unchanged } = outcome;
  const { endpoint, region } = target;
  const { site } = served ?? {};
  const wrong = [
    ...complaints(links),
    ...(served && !served.answers
      ? [
          `The site has not answered within ${PATIENCE_MILLIS / 1000} s. What its servers said last: npm run trial -- status, and the log of each server in .trial/.`,
        ]
      : []),
  ];
  if (json) {
    const summary = { endpoint, region, site, seconds, steps: times, unchanged, links, undeployed, wrong };
    console.log(JSON.stringify(summary, null, 2));
    return;
  }
  console.log(`\n${printed(links, wantsColour(process.stdout, process.env))}`);
  if (undeployed.length > 0) {
    console.log('\nIn the templates, but not really there:');
    for (const sentence of sentences(undeployed)) console.log(`  ${sentence}`);
  }
  for (const complaint of wrong) console.error(`\n${complaint}`);
  console.log(`\nDeployed to ${endpoint} in ${seconds.toFixed(1)} s.`);
}

function nextSteps({ target: { endpoint, region } }: Outcome, site: string): string {
  return `
The site:   ${site}      (open it, write a note; /whoami tells who answers)

From another terminal:
  npm run trial -- status --watch               what is there, and how it is
  npm run trial -- load --for 30s               readers and writers, with a ledger of every write
  npm run trial -- fault kill database primary  something breaks: npm run trial -- fault --help

The AWS CLI, or any SDK:
  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${region}
  export AWS_ACCESS_KEY_ID=trial AWS_SECRET_ACCESS_KEY=trial
  aws rds describe-db-instances
Other stages: npm start -- --stage single-server | split-database | load-balanced | replicated
Databases are kept in .trial/ until npm run trial -- reset.   To end: Ctrl-C.
`;
}

let ending: Promise<never> | undefined;

/** Ends all that was started, then this process, with the code of whoever asked first. */
function end(code: number): Promise<never> {
  const ended = async () => {
    await trial?.close().catch(() => undefined);
    await processes.endAll();
    return process.exit(code);
  };
  return (ending ??= ended());
}

/** Exit code of a program that a signal has ended: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => void end(code));

// npm passes a signal on to a shell, which keeps it: when that has ended, so does the trial.
const starter = process.ppid;
if (process.env['npm_lifecycle_event']) {
  setInterval(() => process.ppid !== starter && void end(SIGNALS.SIGTERM), 500).unref();
}

async function run(): Promise<void> {
  try {
    await end(await main(parseArguments(process.argv.slice(2))));
  } catch (error) {
    if (ending) return; // what was under way has failed because it was ended
    const known = error instanceof TrialFailure;
    const { message } = error as Error;
    console.error(`\n${known ? message : `The trial failed unforeseen: ${message}. Please report it.`}`);
    await end(1);
  }
}

void run();
