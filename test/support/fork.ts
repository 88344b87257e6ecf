/** Two real servers whose histories part: what recovery works on. */
import type { Fork } from '../../lambda/recovery/fork';
import { connect, type SessionOptions } from '../../lambda/recovery/connect';
import type { Session } from '../../lambda/recovery/session';
import { SLOT_NAME, SLOT_PLUGIN } from '../../lambda/prepare-database/plan';
import type { PostgresOptions } from './postgres';
import { type TestPrimary, type TestReplica, type TestServer, startPrimary, startReplica } from './replica';

export interface Pair {
  /** Takes writes all the time: those after `part` are lost. */
  readonly old: TestPrimary;
  /** Follows until `part`, and takes writes from `promote` on. */
  readonly primary: TestReplica;
  /** Makes the recovery slot of a database, as prepare-database does. */
  makeSlot(side: 'old' | 'primary', database?: string): Promise<void>;
  /** The replica receives nothing more. Transactions that are open on the old primary now are under way at the fork. */
  part(): Promise<Fork>;
  promote(): Promise<void>;
  /** As a superuser; the caller closes it. */
  session(
    side: 'old' | 'primary',
    options?: Partial<SessionOptions> & { database?: string },
  ): Promise<Session>;
  stop(): Promise<void>;
}

export interface PairOptions extends PostgresOptions {
  /** Before the replica is made: what is done here is copied, and not streamed. */
  readonly prepare?: (old: TestPrimary) => Promise<void>;
}

export async function startPair({ prepare, ...options }: PairOptions = {}): Promise<Pair> {
  const settings = { wal_level: 'logical', max_replication_slots: '100', ...options.settings };
  const old = await startPrimary({ ...options, settings });
  const follow = async () => {
    await prepare?.(old);
    return await startReplica(old, { settings });
  };
  const primary = await follow().catch(async (error: unknown) => {
    await old.stop();
    throw error;
  });
  const serverOf = (side: 'old' | 'primary'): TestServer => (side === 'old' ? old : primary);
  const session: Pair['session'] = (
    side,
    { database = 'postgres', isReadOnly = false, statementMillis } = {},
  ) => {
    const { host, port } = serverOf(side);
    return connect(
      { host, port, database, user: 'postgres', name: side === 'old' ? 'old' : 'new' },
      { isReadOnly, statementMillis },
    );
  };
  return {
    old,
    primary,
    session,
    async makeSlot(side, database) {
      const there = await session(side, { database });
      await there.ask(`select pg_create_logical_replication_slot($1, $2)`, [SLOT_NAME, SLOT_PLUGIN]);
      await there.close();
    },
    async part() {
      await primary.caughtUp();
      // Without its slot it cannot come back: what it is started with cannot be changed.
      const cut = `select pg_terminate_backend(active_pid) from pg_replication_slots
                    where slot_type = 'physical' and active;
                   select pg_drop_replication_slot(slot_name) from pg_replication_slots
                    where slot_type = 'physical' and not active`;
      for (;;) {
        // It may come back just as its slot is to be dropped.
        await old.query(cut).catch(() => undefined);
        const [left] = await old.query(
          `select count(*)::int as slots from pg_replication_slots where slot_type = 'physical'`,
        );
        const [state] = await primary.query(
          `select (select count(*) from pg_stat_wal_receiver) = 0
              and pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() as parted`,
        );
        if (left!['slots'] === 0 && state!['parted']) break;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const [fork] = await primary.query(
        `select 1 as epoch, pg_last_wal_replay_lsn()::text as lsn, pg_current_snapshot()::text as snapshot,
                (select timeline_id from pg_control_checkpoint()) as timeline,
                (select system_identifier::text from pg_control_system()) as system, 0 as "heartbeatAt"`,
      );
      return fork as Fork;
    },
    promote: () => primary.promote(),
    async stop() {
      await primary.stop();
      await old.stop();
    },
  };
}
