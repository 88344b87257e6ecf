import type { Assembly } from './assembly';
import { Cdk } from './cdk';
import { type Emulator, startEmulator } from './emulator/start';
import { TrialFailure } from './failure';
import type { Processes } from './processes';
import type { Steps } from './steps';
import { TRIAL_ACCOUNT, type Target } from './target';
import { type Undeployed, undeployed } from './undeployed';
import { check } from './walk/check';
import type { Facts } from './walk/facts';
import type { Link } from './walk/link';
import { observe } from './walk/observe';

export interface TrialOptions {
  readonly processes: Processes;
  readonly steps: Steps;
  /** For assemblies and logs. */
  readonly folder: string;
  readonly verbose?: boolean;
  /** An endpoint that is there already; absent: an emulator is started. */
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

/** An AWS to deploy into, again and again: the emulator is started and bootstrapped by the first deployment. */
export class Trial {
  emulator?: Emulator;
  private readonly cdk: Cdk;
  private reached?: Promise<void>;
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
    const endpoint = await this.endpoint(); // first of all, as it may be in use or out of reach
    // The region and the account are the settings', which only the app reads.
    const anywhere = { endpoint, region: 'us-east-1', account: TRIAL_ACCOUNT };
    return this.options.steps.run('cdk synth', () => this.cdk.synth(anywhere, ['env=trial', ...context]));
  }

  /**
   * Bootstraps, deploys, and walks through what was deployed.
   *
   * @throws TrialFailure
   */
  async deploy(assembly: Assembly): Promise<Outcome> {
    const { steps } = this.options;
    const target = targetOf(await this.endpoint(), assembly);
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
      links: await walk(target, assembly),
      undeployed: await undeployed(target, assembly),
    }));
  }

  /** Where to deploy to; the emulator is started when there is none. */
  private async endpoint(): Promise<string> {
    const { steps, processes, port, endpoint } = this.options;
    if (endpoint) {
      this.reached ??= steps.run(`look for ${endpoint}`, () => reach(endpoint));
      await this.reached;
      return endpoint;
    }
    this.emulator ??= await steps.run('start the emulator', () => startEmulator(processes, port));
    return this.emulator.endpoint;
  }
}

/**
 * Asks the target's APIs and follows the path of a request.
 *
 * @throws TrialFailure when the target does not answer
 */
export async function walk(target: Target, assembly: Assembly): Promise<readonly Link[]> {
  const web = assembly.stacks.find(({ outputs }) => outputs.includes('SiteUrl'))!;
  return check(await facts(target, web.name), { replicas: replicasOf(assembly) });
}

const facts = (target: Target, webStack: string): Promise<Facts> =>
  observe(target, webStack).catch((error: Error) => {
    if (error instanceof TrialFailure) throw error;
    throw new TrialFailure(
      `${target.endpoint} does not tell what was deployed: ${error.message} (${error.name}). Is one of its services missing or off?`,
    );
  });

const targetOf = (endpoint: string, { region, account }: Assembly): Target => ({
  endpoint,
  region,
  account: account ?? TRIAL_ACCOUNT,
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

/** Identifiers of the read replicas that the templates ask for. */
function replicasOf({ stacks }: Assembly): string[] {
  return stacks
    .flatMap(({ resources }) => Object.values(resources))
    .filter(
      ({ Type, Properties }) => Type === 'AWS::RDS::DBInstance' && Properties?.['SourceDBInstanceIdentifier'],
    )
    .map(({ Properties }) => String(Properties!['DBInstanceIdentifier']));
}
