import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Dns, startDns } from '../dns/start';
import type { NamedAddress } from '../dns/answer';
import { zonesOf } from '../dns/zone';
import { ResourceFaults } from '../emulator/resource-faults';
import { type Emulator, startEmulator } from '../emulator/start';
import { type Lambdas, startLambdas } from '../lambdas/start';
import { type LoadBalancer, startLoadBalancer } from '../load-balancer/start';
import { machineVariables } from '../machine/environment';
import { Path } from '../postgres/path';
import { type PostgresPlane, postgresPlane } from '../postgres/plane';
import type { Processes } from '../processes';
import type { RunningRds } from '../rds/start';
import { type Servers, startServers } from '../servers/start';
import type { Target } from '../target';
import { type ApiGate, openApiGate } from './api-gate';
import { startDatabases } from './databases';
import { DatabaseFaults } from './database-faults';
import { EventLog } from './event-log';
import { FaultSwitches } from './fault-switches';
import { keptMemory } from './kept-memory';
import { LOCAL_GROUP, LOCAL_PASSWORD_VARIABLES, localDatabase } from './local-database';
import { Machines } from './machines';
import { emulatedSurroundings } from './surroundings';

export interface WorldOptions {
  readonly processes: Processes;
  /** Databases, and what else is kept from run to run. */
  readonly stateFolder: string;
  /** Logs and unpacked code of this run. */
  readonly runFolder: string;
  readonly account: string;
  readonly region: string;
  /** How long states, intervals and waits last: 1 as on AWS, 0 at once. */
  readonly timeScale: number;
  /**
   * Second number of the loopback addresses: databases are at 127.N.*, servers at the next two, functions at the one
   * after.
   */
  readonly network: number;
  /** Port of the emulator; absent: a free one. */
  readonly emulatorPort?: number;
  /** Name of the site whose databases will be deployed; absent: none will be. */
  readonly group?: string;
}

/** Port of the site in the trial, unless it is taken. */
const SITE_PORT = 8080;

/**
 * A small AWS: the emulator for its APIs, and under it databases, servers, load balancer, names and functions that are
 * real. Everything ends with this process.
 */
export class World {
  readonly events = new EventLog();
  readonly faults = new FaultSwitches();
  readonly databaseFaults = new DatabaseFaults(this);
  /** Of deployments. */
  resourceFaults!: ResourceFaults;
  target?: Target;
  emulator!: Emulator;
  plane!: PostgresPlane;
  rds!: RunningRds;
  dns!: Dns;
  lambdas!: Lambdas;
  servers?: Servers;
  loadBalancer?: LoadBalancer;
  /** Between the failover controller and everything else. */
  readonly controllerPath = new Path();
  private apis!: ApiGate;
  private readonly machines: Machines;
  private readonly closers: (() => Promise<void>)[] = [];

  /** Name of the site whose databases are deployed. */
  readonly group?: string;

  private constructor(private readonly options: WorldOptions) {
    this.group = options.group;
    this.machines = new Machines(
      `127.${options.network + 3}`,
      () => this.target,
      () => this.plane.reconsider(),
    );
  }

  /**
   * Starts all that a deployment needs.
   * @throws TrialFailure
   */
  static async start(options: WorldOptions): Promise<World> {
    const world = new World(options);
    try {
      await world.startServices();
    } catch (error) {
      await world.close();
      throw error;
    }
    return world;
  }

  private async startServices(): Promise<void> {
    const { options, events } = this;
    const { processes, stateFolder, runFolder, account, region, timeScale } = options;
    mkdirSync(stateFolder, { recursive: true });
    this.closers.push(async () => this.machines.close());

    this.plane = await postgresPlane({
      stateFolder,
      network: `127.${options.network}`,
      admits: (address, groups) => this.admits(address, groups),
      isController: (address) => this.machines.isController(address),
      controllerPath: this.controllerPath,
    });
    this.closers.push(() => this.plane.close());
    const kept = join(stateFolder, 'account.json');
    this.rds = await startDatabases({
      folder: stateFolder,
      group: options.group,
      memory: keptMemory(kept),
      plane: this.plane,
      surroundings: emulatedSurroundings(account, region, () => this.target!),
      timeScale,
      onEvent: (event) => {
        events.add(event.detail.SourceIdentifier, event.detail.Message);
        this.faults.pass(event, (passed) => void this.lambdas.deliver(passed).catch(() => undefined));
      },
      faults: (operation) => this.faults.ofCall(operation),
    });
    this.closers.push(() => this.rds.close());

    this.lambdas = await startLambdas({
      processes,
      target: () => this.target!,
      folder: join(runFolder, 'functions'),
      environment: (name) => ({
        ...machineVariables({ address: this.machines.addFunction(name), dns: this.dns.server }),
        DATABASE_CA_FILE: this.plane.certificateBundle,
        AWS_ENDPOINT_URL: this.apis.endpoint,
      }),
      timeScale,
    });
    this.closers.push(() => this.lambdas.close());

    this.resourceFaults = new ResourceFaults(join(runFolder, 'resource-faults.json'));
    this.emulator = await startEmulator(processes, options.emulatorPort, {
      TRIAL_RESOURCE_FAULTS: this.resourceFaults.file,
      TRIAL_RDS_URL: this.rds.url,
      TRIAL_LAMBDAS_URL: this.lambdas.url,
      TRIAL_TIME_SCALE: String(timeScale),
      TRIAL_KEPT: kept,
    });
    const target: Target = { endpoint: this.emulator.endpoint, region, account };
    this.apis = await openApiGate(target.endpoint, (address) =>
      this.machines.isController(address) ? [this.controllerPath] : [],
    );
    this.closers.push(() => this.apis.close());
    this.target = target;

    this.dns = await startDns({
      zones: zonesOf(target),
      names: () =>
        new Map<string, NamedAddress>([...this.plane.addresses(), ...(this.loadBalancer?.names() ?? [])]),
      addressOf: (address) => this.servers?.addressOf(address),
    });
    this.closers.push(() => this.dns.close());
  }

  /** Starts, or brings up to date, what a deployment has made: servers and what stands before them. */
  async serve(sitePort?: number): Promise<void> {
    if (this.servers && this.loadBalancer) {
      await this.servers.refresh();
      await this.loadBalancer.refresh();
      return;
    }
    const { timeScale, runFolder } = this.options;
    const onEvent = (sentence: string) => this.events.add('site', sentence);
    this.servers = await startServers({
      target: this.target!,
      folder: runFolder,
      dns: this.dns.server,
      caFile: this.plane.certificateBundle,
      network: this.options.network + 1,
      localDatabase: localDatabase(this.plane),
      environment: LOCAL_PASSWORD_VARIABLES,
      deregistered: (id) => this.loadBalancer?.deregistered(id) ?? Promise.resolve(),
      unhealthy: () => this.loadBalancer?.unhealthy() ?? [],
      traffic: () => this.loadBalancer?.traffic() ?? { requests: 0, targets: 0 },
      timeScale,
      onEvent,
    });
    this.closers.push(() => this.servers!.close());
    this.plane.reconsider();

    const balancer = (port?: number) =>
      startLoadBalancer({
        target: this.target!,
        addressOf: (id) => this.servers!.addressOf(id),
        loneServer: () => this.loneServer(),
        port,
        timeScale,
        onEvent,
      });
    this.loadBalancer = sitePort
      ? await balancer(sitePort)
      : await balancer(SITE_PORT).catch(() => balancer());
    this.closers.push(() => this.loadBalancer!.close());
    await this.servers.refresh();
    await this.loadBalancer.refresh();
  }

  private loneServer() {
    const [server] = this.servers?.servers().filter(({ url }) => url) ?? [];
    return server && { id: server.id, port: Number(new URL(server.url!).port) };
  }

  /** Whether a security group of the database lets somebody at `address` in. */
  private admits(address: string, groups: readonly string[]): boolean {
    const ofServer = this.servers?.securityGroupsOf(address);
    if (groups.includes(LOCAL_GROUP)) return ofServer !== undefined;
    return this.machines.admit(ofServer ?? this.machines.securityGroupsOfFunction(address) ?? [], groups);
  }

  /** Before all that has been started so far is ended. */
  onClose(closer: () => Promise<void>): void {
    this.closers.push(closer);
  }

  async close(): Promise<void> {
    // In the order opposite to the start: who depends on whom ends first.
    while (this.closers.length > 0) await this.closers.pop()!().catch(() => undefined);
  }
}
