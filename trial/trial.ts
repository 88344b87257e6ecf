import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Assembly } from './assembly';
import { Cdk } from './cdk';
import { freePort } from './emulator/start';
import { TrialFailure } from './failure';
import type { Processes } from './processes';
import type { Steps } from './steps';
import { TRIAL_ACCOUNT, type Target } from './target';
import { type Undeployed, undeployed } from './undeployed';
import { check } from './walk/check';
import type { Facts } from './walk/facts';
import type { Link } from './walk/link';
import { complaints } from './walk/print';
import { observe } from './walk/observe';
import { World } from './world/world';

export interface TrialOptions {
  readonly processes: Processes;
  readonly steps: Steps;
  /** For assemblies and logs of this run. */
  readonly folder: string;
  /** For databases, which are found again by the next run. @default - `state` in `folder` */
  readonly stateFolder?: string;
  /** How long states, intervals and waits last: 1 as on AWS, 0 at once. @default 0 */
  readonly timeScale?: number;
  readonly verbose?: boolean;
  /** Second number of the loopback addresses. @default 77 */
  readonly network?: number;
  /** An endpoint that is there already; absent: an AWS of our own is started. */
  readonly endpoint?: string;
  /** Port of the emulator. */
  readonly port?: number;
}

/** What one deployment came to. */
export interface Outcome {
  readonly assembly: Assembly;
  readonly target: Target;
  readonly links: readonly Link[];
  readonly undeployed: readonly Undeployed[];
  /** Stacks in which nothing had changed. */
  readonly unchanged: readonly string[];
}

/** An AWS to deploy into, again and again: one of our own is started, and bootstrapped, by the first deployment. */
export class Trial {
  world?: World;
  private readonly cdk: Cdk;
  private readonly bootstrapped = new Set<string>();

  constructor(private readonly options: TrialOptions) {
    this.cdk = new Cdk(options);
  }

  /**
   * Runs the app once.
   *
   * @param context as for `cdk -c`: `stage=load-balanced`
   * @throws TrialFailure
   */
  async synth(context: readonly string[]): Promise<Assembly> {
    const { steps, endpoint, port } = this.options;
    // First of all, as they may be out of reach or in use.
    if (endpoint) await steps.run(`look for ${endpoint}`, () => reach(endpoint));
    else if (port) await freePort(port);
    // The region and the account are the settings', which only the app reads.
    const anywhere = { endpoint: endpoint ?? NOWHERE, region: 'us-east-1', account: TRIAL_ACCOUNT };
    return steps.run('cdk synth', () => this.cdk.synth(anywhere, ['env=trial', ...context]));
  }

  /**
   * Bootstraps, deploys, and walks through what was deployed.
   *
   * @throws TrialFailure
   */
  async deploy(assembly: Assembly): Promise<Outcome> {
    const { steps } = this.options;
    const target = await this.target(assembly);
    const place = `${target.account}/${target.region}`;
    if (!this.bootstrapped.has(place)) {
      await steps.run('cdk bootstrap', () => this.cdk.bootstrap(target, assembly));
      this.bootstrapped.add(place);
    }
    const unchanged = await steps.run(`cdk deploy --all: ${assembly.stacks.length} stacks`, () =>
      this.cdk.deploy(target, assembly),
    );
    return steps.run('walk along the path of a request', async () => ({
      assembly,
      target,
      unchanged,
      links: await settledWalk(target, assembly),
      undeployed: await undeployed(target, assembly),
    }));
  }

  /** Where to deploy to; our own AWS is started when there is none. */
  private async target(assembly: Assembly): Promise<Target> {
    const {
      endpoint,
      steps,
      processes,
      folder,
      stateFolder = join(folder, 'state'),
      timeScale = 0,
      network = NETWORK,
      port,
    } = this.options;
    const account = assembly.account ?? TRIAL_ACCOUNT;
    if (endpoint) return { endpoint, region: assembly.region, account };
    this.world ??= await steps.run('start the small AWS: its APIs, databases, names', () =>
      World.start({
        processes,
        stateFolder,
        runFolder: folder,
        account,
        region: assembly.region,
        timeScale,
        network,
        emulatorPort: port,
        group: groupOf(assembly),
      }),
    );
    return this.world.target!;
  }

  /** Ends the world; the programs that were started are ended by `processes`. */
  async close(): Promise<void> {
    await this.world?.close();
  }
}

/** 127.77.* to 127.80.*, unless they are taken. */
const NETWORK = 77;

/** For synthesis, which speaks to nobody. */
const NOWHERE = 'http://localhost:1';

/**
 * Asks the target's APIs and follows the path of a request.
 *
 * @throws TrialFailure when the target does not answer
 */
export async function walk(target: Target, assembly: Assembly): Promise<readonly Link[]> {
  const web = assembly.stacks.find(({ outputs }) => outputs.includes('SiteUrl'))!;
  return check(await facts(target, web.name), { replicas: replicasOf(assembly) });
}

/** The reader's name follows its replicas: right after a deployment the failover controller may not know them yet. */
const SETTLED_WITHIN_MS = 20_000;

/** The walk as it is when nothing is wrong any more, or after a while. */
async function settledWalk(target: Target, assembly: Assembly): Promise<readonly Link[]> {
  for (const end = Date.now() + SETTLED_WITHIN_MS; ; await sleep(250)) {
    const links = await walk(target, assembly);
    if (complaints(links).length === 0 || Date.now() > end) return links;
  }
}

const facts = (target: Target, webStack: string): Promise<Facts> =>
  observe(target, webStack).catch((error: Error) => {
    if (error instanceof TrialFailure) throw error;
    throw new TrialFailure(
      `${target.endpoint} does not tell what was deployed: ${error.message} (${error.name}). Is one of its services missing or off?`,
    );
  });

/** How long an endpoint may take to accept a connection. */
const REACH_WITHIN_MS = 5_000;

/** @throws TrialFailure when nobody answers at `endpoint`; what it answers does not matter */
async function reach(endpoint: string): Promise<void> {
  try {
    await fetch(endpoint, { signal: AbortSignal.timeout(REACH_WITHIN_MS) });
  } catch {
    throw new TrialFailure(`Nobody answers at ${endpoint}: start it first, or leave --endpoint out.`);
  }
}

/** With what the identifiers of the databases begin: the name of the site. */
function groupOf({ stacks }: Assembly): string | undefined {
  return stacks
    .flatMap(({ resources }) => Object.values(resources))
    .filter(({ Type }) => Type === 'AWS::RDS::DBInstance')
    .map(({ Properties }) => /^(.+)-primary$/.exec(String(Properties?.['DBInstanceIdentifier']))?.[1])
    .find((name) => name !== undefined);
}

/** Identifiers of the read replicas that the templates ask for. */
function replicasOf({ stacks }: Assembly): string[] {
  return stacks
    .flatMap(({ resources }) => Object.values(resources))
    .filter(
      ({ Type, Properties }) => Type === 'AWS::RDS::DBInstance' && Properties?.['SourceDBInstanceIdentifier'],
    )
    .map(({ Properties }) => String(Properties!['DBInstanceIdentifier']));
}
