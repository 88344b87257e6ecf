import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Master } from '../rds/ports';
import { SERVER_PORT, SOURCE_PORT } from './addresses';
import type { Authority } from './authority';
import type { Programs } from './binaries';
import { Gate } from './gate';
import type { Keeper } from './keeper';
import { Path } from './path';
import { masterAndDatabases, rdsRoles, slotRights } from './roles';
import { PostgresServer } from './server';
import { type Recovery, pgHbaConf, postgresqlConf } from './settings';
import type { DatabaseRecord, State } from './state';

/** Whose packets a fault concerns; `source`: what a replica receives. */
export type Party = 'clients' | 'controller' | 'replicas' | 'source';

/** What instances share. */
export interface World {
  readonly programs: Programs;
  readonly state: State;
  readonly authority: Authority;
  /** The first two numbers of the databases' addresses. */
  readonly network: string;
  readonly isDurable: boolean;
  keeper(): Keeper;
  /** Whether a security group of these lets a new connection in. */
  admits(remoteAddress: string, securityGroupIds: readonly string[]): boolean;
  isController(remoteAddress: string): boolean;
  /** Between the controller and everything. */
  readonly controllerPath: Path;
  find(resourceId: string): Instance | undefined;
  crashed(resourceId: string): void;
}

/** One database: its record, its server and its gates. */
export class Instance {
  readonly server: PostgresServer;
  readonly paths: Readonly<Record<Party, Path>> = {
    clients: new Path(),
    controller: new Path(),
    replicas: new Path(),
    source: new Path(),
  };
  private gate?: Gate;
  /** At a replica: what it receives comes through here, and passes no security group, as on RDS. */
  private sourceGate?: Gate;

  constructor(
    readonly world: World,
    public record: DatabaseRecord,
  ) {
    const { state, programs } = world;
    this.server = new PostgresServer({
      programs,
      keeper: () => world.keeper(),
      folder: this.folder,
      address: record.address,
      password: state.passwords.rdsadmin,
      onCrash: () => {
        this.gate?.leadTo('nothing');
        world.crashed(record.resourceId);
      },
    });
  }

  get folder(): string {
    return this.world.state.databaseFolder(this.record.resourceId);
  }

  get sessionCount(): number {
    return this.gate?.sessionCount ?? 0;
  }

  /** Listens, so that the ports are this database's; what comes finds no server yet. */
  async openGates(): Promise<void> {
    const { world } = this;
    const { address, endpoint } = this.record;
    const gate = new Gate({
      listen: { address, port: endpoint.port },
      admits: (remote) => world.admits(remote, this.record.securityGroupIds),
      pathsOf: (remote) =>
        world.isController(remote) ? [this.paths.controller, world.controllerPath] : [this.paths.clients],
    });
    await gate.open();
    this.gate = gate;
    await this.openSourceGate();
  }

  async closeGates(): Promise<void> {
    await Promise.all([this.gate?.close(), this.sourceGate?.close()]);
    this.gate = this.sourceGate = undefined;
  }

  /** Files, server, then clients. @throws TrialFailure when PostgreSQL does not start */
  async launch(recovery?: Recovery): Promise<void> {
    await this.configure(recovery);
    await this.server.launch();
    if (!recovery) this.admitClients();
  }

  admitClients(): void {
    this.gate?.leadTo({ address: this.record.address, port: SERVER_PORT });
  }

  /** `no host` where the whole instance is stopped; every session ends. */
  async halt(how: 'fast' | 'immediate', leaves: 'nothing' | 'no host' = 'nothing'): Promise<void> {
    this.gate?.leadTo(leaves);
    await this.server.halt(how);
    this.gate?.cut();
  }

  /** Changes what is known of it, on disk too. */
  update(change: Partial<DatabaseRecord>): void {
    this.record = { ...this.record, ...change };
    this.world.state.save(this.record);
  }

  /** Changes it, and the server's configuration with it. */
  async reconfigure(change: Partial<DatabaseRecord>): Promise<void> {
    this.update(change);
    await this.configure();
    await this.server.reload();
  }

  /** The security groups may admit others now. */
  reconsider(): void {
    this.gate?.reconsider();
  }

  /** An empty database with the users and rights of RDS. */
  async initialize(master: Master, databaseName?: string): Promise<void> {
    const { state } = this.world;
    const passwordFile = join(this.folder, 'password');
    state.write(passwordFile, state.passwords.rdsadmin);
    try {
      await this.server.initialize(passwordFile);
    } finally {
      rmSync(passwordFile);
    }
    const roles = rdsRoles(state.passwords.rdsrepladmin);
    await this.server.runAlone('template1', `${roles}\n\n${slotRights()}`);
    await this.server.runAlone('template0', slotRights());
    await this.server.runAlone('postgres', `${slotRights()}\n\n${masterAndDatabases(master, databaseName)}`);
  }

  /** Its source is removed: another database may have that address one day. */
  loseSource(): void {
    this.sourceGate?.leadTo('nothing');
  }

  /** Ends replication: what the promoted one does not need any more. */
  async closeSourceGate(): Promise<void> {
    await this.sourceGate?.close();
    this.sourceGate = undefined;
  }

  private async openSourceGate(): Promise<void> {
    const { world, record } = this;
    if (record.sourceResourceId === undefined) return;
    const source = world.find(record.sourceResourceId);
    const gate = new Gate({
      listen: { address: record.address, port: SOURCE_PORT },
      admits: () => true,
      pathsOf: () => [this.paths.source, ...(source ? [source.paths.replicas] : [])],
      // So that the source sees which replica it is.
      from: record.address,
    });
    await gate.open();
    this.sourceGate = gate;
    gate.leadTo(source ? { address: source.record.address, port: SERVER_PORT } : 'nothing');
  }

  private async configure(recovery?: Recovery): Promise<void> {
    const { world, record, server } = this;
    const { state, authority } = world;
    // The archiver waits a minute after it has failed.
    if (record.archiveWal) state.ownedFolder(join(state.archiveFolder(record.resourceId), 'wal'));
    const write = (name: string, text: string) => state.write(join(server.data, name), text);
    write(
      'postgresql.conf',
      postgresqlConf({
        record,
        replicationPassword: state.passwords.rdsrepladmin,
        isDurable: world.isDurable,
        ...(recovery && { recovery }),
      }),
    );
    write('pg_hba.conf', pgHbaConf(record, world.network));
    const { certificate, key } = await authority.issue(record.endpoint.name);
    write('server.crt', certificate);
    write('server.key', key);
    write('authority.pem', authority.certificate);
  }
}
