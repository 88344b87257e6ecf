/** One server: the program of an instance, from its start to its end. */
import { join } from 'node:path';
import { machineEnvironment } from '../machine/environment';
import type { Target } from '../target';
import { type FetchObject, provenScript, unpackedArtifact } from './artifact';
import { type Boot, bootOf } from './boot-header';
import type { Instance } from './fleet-api';
import type { Phase } from './plan';
import type { Keeper, Program } from './processes';
import { type LocalDatabase, serverVariables, usesLocalDatabase } from './variables';

/** What all servers of a trial share. */
export interface Surroundings {
  readonly target: Target;
  /** Holds `servers/<instance id>.log` and `artifacts/`. */
  readonly folder: string;
  /** The trial's DNS server, `127.0.0.1:PORT`. */
  readonly dns: string;
  /** PEM file that the databases' certificates are verified by. */
  readonly caFile: string;
  /**
   * The database that the stage single-server has on its server: asked once a server, before it starts.
   *
   * @param databaseName the database that must be there
   */
  readonly localDatabase?: (databaseName: string) => Promise<LocalDatabase>;
  /** Set or overridden in each server's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly keeper: Keeper;
  readonly fetch: FetchObject;
  readonly claimAddress: (allocation: string, instance: string) => Promise<string>;
  readonly userData: (template: Instance['launchTemplate']) => Promise<string>;
}

/** A server as the view shows it. */
export interface ServerView {
  /** EC2 instance id. */
  readonly id: string;
  readonly group: string;
  readonly zone: string;
  readonly phase: Phase;
  /** Its loopback address. */
  readonly address: string;
  readonly publicAddress?: string;
  readonly securityGroups: readonly string[];
  /** Once its user data has been read: `http://127.77.10.5:8080`. */
  readonly url?: string;
  readonly pid?: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Why it is dead. */
  readonly reason?: string;
  readonly logFile: string;
}

/** systemd's TimeoutStopSec in lib/web/boot.sh: so much longer than the site drains. */
const STOP_MARGIN_SECONDS = 10;

export class Server {
  phase: Phase = 'starting';
  reason?: string;
  publicAddress?: string;
  replaceAt?: number;
  readonly since = Date.now();
  private boot?: Boot;
  private program?: Program;
  /** Set once it is to end: from then on its end is no death. */
  private stopping = false;
  private readonly logFile: string;

  constructor(
    readonly instance: Instance,
    readonly address: string,
    private readonly around: Surroundings,
    /** Called when it has ended and nobody had asked it to. */
    private readonly onDeath: (server: Server) => void,
  ) {
    this.publicAddress = instance.publicAddress;
    this.logFile = join(around.folder, 'servers', `${instance.id}.log`);
  }

  /** Never rejects: what cannot start is dead. */
  async start(): Promise<void> {
    try {
      const program = await this.launch();
      this.program = program;
      if (this.stopping) return program.signal('SIGKILL');
      this.phase = 'running';
      void program.ended.then((how) => this.died(how));
    } catch (error) {
      this.died((error as Error).message);
    }
  }

  private async launch(): Promise<Program> {
    const { target, folder, dns, caFile, keeper, fetch, userData, localDatabase, environment } = this.around;
    const { id, zone, launchTemplate } = this.instance;
    const boot = (this.boot = bootOf(await userData(launchTemplate)));
    await provenScript(boot.script, fetch);
    const site = await unpackedArtifact(boot.artifact, join(folder, 'artifacts'), fetch);
    const local = usesLocalDatabase(boot)
      ? await localDatabase?.(boot.environment['DATABASE_NAME'] ?? '')
      : undefined;
    if (boot.addressAllocation) {
      this.publicAddress = await this.around.claimAddress(boot.addressAllocation, id);
    }
    return keeper.start({
      command: boot.startCommand,
      folder: site,
      environment: {
        ...machineEnvironment({ address: this.address, dns }, target, process.env),
        ...serverVariables(boot, { id, zone, caFile, localDatabase: local }),
        ...environment,
      },
      logFile: this.logFile,
    });
  }

  private died(reason: string): void {
    if (this.stopping) return;
    this.phase = 'dead';
    this.reason = reason;
    this.onDeath(this);
  }

  signal(name: NodeJS.Signals): void {
    this.program?.signal(name);
  }

  /** SIGTERM, the time to drain, SIGKILL. */
  async stop(patienceMillis?: number): Promise<void> {
    this.stopping = true;
    const seconds = (this.boot?.drainSeconds ?? 0) + STOP_MARGIN_SECONDS;
    await this.program?.stop(patienceMillis ?? seconds * 1_000);
  }

  view(): ServerView {
    const { instance, phase, address, publicAddress, since, reason, logFile, boot, program } = this;
    const { id, group, zone, securityGroups } = instance;
    return {
      ...{ id, group, zone, phase, address, securityGroups, since, logFile },
      ...(publicAddress && { publicAddress }),
      ...(boot && { url: `http://${address}:${boot.port}` }),
      ...(program && { pid: program.pid }),
      ...(reason && { reason }),
    };
  }
}
