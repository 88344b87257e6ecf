import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Memory } from '../../lambda/failover/memory';
import type { PostgresPlane } from '../postgres/plane';
import type { EventBridgeEvent } from '../rds/model/new-event';
import { endpointSuffix } from '../rds/model/identifiers';
import { endpointName } from '../rds/model/plane-views';
import type { Instance, RdsState } from '../rds/model/state';
import type { Surroundings } from '../rds/model/surroundings';
import type { Faults } from '../rds/protocol/faults';
import { type RunningRds, startRds } from '../rds/start';
import { wallClock } from '../rds/wall-clock';
import { settleNames } from './settle-names';

export interface DatabasesOptions {
  /** Where instances are written down, to be found again by identifier. */
  readonly folder: string;
  readonly plane: PostgresPlane;
  readonly surroundings: Surroundings;
  /** How long states last: 1 as on AWS, 0 at once. */
  readonly timeScale: number;
  readonly onEvent: (event: EventBridgeEvent) => void;
  readonly faults: Faults;
  /** Name of the site, with which identifiers begin; absent: no databases will be deployed. */
  readonly group?: string;
  /** What the failover controller knew when the last run ended. */
  readonly memory?: Memory;
}

/** RDS with the databases of `plane`; what it knows is written down at each change. */
export async function startDatabases(options: DatabasesOptions): Promise<RunningRds> {
  const { surroundings, plane, timeScale, onEvent, faults } = options;
  const file = join(options.folder, 'rds.json');
  const started: { rds?: RunningRds } = {};
  const save = (state: RdsState) => {
    // Renamed into place, so that a kill in the middle leaves the former state whole.
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
  };
  const state = readState(file);
  const settled = state && (await settle(state, options));
  if (settled) save(settled);
  started.rds = await startRds({
    clock: wallClock,
    plane,
    port: 0,
    accountId: surroundings.accountId,
    region: surroundings.region,
    timeScale,
    state: settled,
    onEvent,
    // The first changes come while it starts.
    onChange: () => started.rds && save(started.rds.model.toJSON()),
    faults,
    surroundings,
  });
  return started.rds;
}

const readState = (file: string): RdsState | undefined =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RdsState) : undefined;

/** Faults end with the run that made them; names are what the next deployment expects. Done twice it is the same. */
async function settle(state: RdsState, { plane, surroundings, group, memory }: DatabasesOptions) {
  for (const instance of state.instances) delete instance.held;
  if (group === undefined) return state;
  const before = new Map(state.instances.map((instance) => [instance.resourceId, instance]));
  const settled = settleNames(state, memory, group);
  for (const id of settled.removed) await plane.remove(id, false);
  const known = new Set(await plane.known());
  const { accountId, region } = surroundings;
  for (const instance of settled.state.instances) {
    const was = before.get(instance.resourceId)!;
    if (!known.has(instance.resourceId)) continue;
    if (groupsOf(instance) !== groupsOf(was)) {
      await plane.setSecurityGroups(instance.resourceId, instance.securityGroupIds);
    }
    const name = endpointName(instance.identifier, endpointSuffix(accountId, region), region);
    const leadsTo = plane.addresses().get(name)?.address;
    if (leadsTo === plane.addressOf(instance.resourceId)!.address) continue;
    await plane.rename(instance.resourceId, { name, port: instance.port });
  }
  return settled.state;
}

const groupsOf = ({ securityGroupIds }: Instance): string => securityGroupIds.join();
