import type { DBInstance } from '@aws-sdk/client-rds';
import { DURATIONS, type Span } from '../../../trial/rds/durations';
import { RdsModel, type RdsModelProps } from '../../../trial/rds/model/model';
import type { EventBridgeEvent } from '../../../trial/rds/model/new-event';
import { FakePlane, settled, VirtualClock } from './fakes';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const NEW = {
  DBInstanceIdentifier: 'site-primary',
  DBInstanceClass: 'db.t4g.micro',
  Engine: 'postgres',
  AllocatedStorage: 20,
  MasterUsername: 'postgres',
  MasterUserPassword: 'correct-horse',
  DBName: 'site',
  BackupRetentionPeriod: 7,
  VpcSecurityGroupIds: ['sg-1'],
};

/** A model with a clock that stands still and databases that are only remembered. */
export class World {
  readonly clock: VirtualClock;
  readonly plane: FakePlane;
  readonly events: EventBridgeEvent[] = [];
  changes = 0;
  model: RdsModel;

  constructor(props: Partial<RdsModelProps> & { clock?: VirtualClock; plane?: FakePlane } = {}) {
    this.clock = props.clock ?? new VirtualClock();
    this.plane = props.plane ?? new FakePlane();
    this.model = new RdsModel({
      ...props,
      clock: this.clock,
      plane: this.plane,
      onEvent: (event) => this.events.push(event),
      onChange: () => this.changes++,
    });
  }

  /** Lets the time of the table pass, and whatever follows at once. */
  async pass(...spans: (Span | number)[]): Promise<void> {
    for (const span of spans) {
      await this.clock.pass(typeof span === 'number' ? span : DURATIONS[span].milliseconds);
    }
    await settled();
  }

  async see(name: string): Promise<DBInstance> {
    const { DBInstances } = await this.model.call('DescribeDBInstances', { DBInstanceIdentifier: name });
    return DBInstances![0]!;
  }

  status = async (name: string): Promise<string> => (await this.see(name)).DBInstanceStatus!;
  id = async (name: string): Promise<string> => (await this.see(name)).DbiResourceId!;

  /** Numbers of the events so far, such as `0005`, of one source or of all; then forgets them. */
  takeEvents(source?: string): string[] {
    const numbers = this.events
      .filter(({ detail }) => !source || detail.SourceIdentifier === source)
      .map(({ detail }) => detail.EventID.slice(-4));
    this.events.length = 0;
    return numbers;
  }

  async primary(more: object = {}): Promise<void> {
    await this.model.call('CreateDBInstance', { ...NEW, ...more });
    await this.pass('create', 'backup');
  }

  /** A primary, and replicas of these names. */
  async replicated(...replicas: string[]): Promise<void> {
    await this.primary();
    for (const name of replicas) {
      await this.model.call('CreateDBInstanceReadReplica', {
        DBInstanceIdentifier: name,
        SourceDBInstanceIdentifier: NEW.DBInstanceIdentifier,
      });
    }
    await this.pass('createReplica');
    this.takeEvents();
  }
}

/** Code and status with which a call is refused. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    const { code, status } = error as { code?: string; status?: number };
    if (code) return `${code} ${status}`;
    throw error;
  }
  return 'accepted';
}
