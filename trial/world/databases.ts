import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PostgresPlane } from '../postgres/plane';
import type { EventBridgeEvent } from '../rds/model/new-event';
import type { RdsState } from '../rds/model/state';
import type { Surroundings } from '../rds/model/surroundings';
import type { Faults } from '../rds/protocol/faults';
import { type RunningRds, startRds } from '../rds/start';
import { wallClock } from '../rds/wall-clock';

export interface DatabasesOptions {
  /** Where instances are written down, to be found again by identifier. */
  readonly folder: string;
  readonly plane: PostgresPlane;
  readonly surroundings: Surroundings;
  /** How long states last: 1 as on AWS, 0 at once. */
  readonly timeScale: number;
  readonly onEvent: (event: EventBridgeEvent) => void;
  readonly faults: Faults;
}

/** RDS with the databases of `plane`; what it knows is written down at each change. */
export async function startDatabases(options: DatabasesOptions): Promise<RunningRds> {
  const { surroundings, plane, timeScale, onEvent, faults } = options;
  const file = join(options.folder, 'rds.json');
  const started: { rds?: RunningRds } = {};
  const write = () => {
    // The first changes come while it starts.
    if (!started.rds) return;
    // Renamed into place, so that a kill in the middle leaves the former state whole.
    writeFileSync(`${file}.new`, JSON.stringify(started.rds.model.toJSON()));
    renameSync(`${file}.new`, file);
  };
  started.rds = await startRds({
    clock: wallClock,
    plane,
    port: 0,
    accountId: surroundings.accountId,
    region: surroundings.region,
    timeScale,
    state: readState(file),
    onEvent,
    onChange: write,
    faults,
    surroundings,
  });
  return started.rds;
}

const readState = (file: string): RdsState | undefined =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RdsState) : undefined;
