import type { Assembly } from './assembly';
import { Cdk } from './cdk';
import { type Emulator, startEmulator } from './emulator/start';
import type { Processes } from './processes';
import type { Steps } from './steps';
import { TRIAL_ACCOUNT, type Target } from './target';
import { type Undeployed, undeployed } from './undeployed';
import { check } from './walk/check';
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
  readonly links: readonly Link[];
  readonly undeployed: readonly Undeployed[];
  /** Stacks in which nothing had changed. */
  readonly unchanged: readonly string[];
}

/** An AWS to deploy into, again and again: the emulator is started and bootstrapped by the first deployment. */
export class Trial {
  emulator?: Emulator;
  private readonly cdk: Cdk;
  private readonly bootstrapped = new Set<string>();

  constructor(private readonly options: TrialOptions) {
    this.cdk = new Cdk(options);
  }

  /**
   * Synthesizes, bootstraps, deploys, and walks through what was deployed.
   *
   * @param context as for `cdk -c`: `stage=load-balanced`
   * @throws TrialFailure
   */
  async deploy(context: readonly string[]): Promise<Outcome> {
    const { steps } = this.options;
    const nowhere = { endpoint: 'http://localhost:9', region: 'us-east-1', account: TRIAL_ACCOUNT };
    const assembly = await steps.run('cdk synth', () => this.cdk.synth(nowhere, ['env=trial', ...context]));
    const target = await this.target(assembly);
    const place = `${target.account}/${target.region}`;
    if (!this.bootstrapped.has(place)) {
      await steps.run('cdk bootstrap', () => this.cdk.bootstrap(target, assembly));
      this.bootstrapped.add(place);
    }
    const count = assembly.stacks.length;
    const unchanged = await steps.run(`cdk deploy --all: ${count} stacks`, () =>
      this.cdk.deploy(target, assembly),
    );
    return steps.run('walk along the path of a request', async () => ({
      assembly,
      unchanged,
      links: await this.walk(target, assembly),
      undeployed: await undeployed(target, assembly),
    }));
  }

  /** Where `assembly` goes; the emulator is started when there is none. */
  async target({ region, account }: Assembly): Promise<Target> {
    const { steps, processes, port } = this.options;
    let endpoint = this.options.endpoint;
    if (!endpoint) {
      this.emulator ??= await steps.run('start the emulator', () => startEmulator(processes, region, port));
      endpoint = this.emulator.endpoint;
    }
    return { endpoint, region, account: account ?? TRIAL_ACCOUNT };
  }

  /** Asks the target's APIs and follows the path of a request. */
  async walk(target: Target, assembly: Assembly): Promise<readonly Link[]> {
    const web = assembly.stacks.find(({ outputs }) => outputs.includes('SiteUrl'))!;
    return check(await observe(target, web.name), { replicas: replicasOf(assembly) });
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
