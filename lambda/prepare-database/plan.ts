/** What is done to a database, as lists of statements: pure functions of what the database has already. */
import { escapeIdentifier, escapeLiteral } from 'pg';

/**
 * Who uses the database. Each may do what its work needs, and no more:
 *
 * - `app_writer`: the site's inserts, updates and deletes. Makes its own tables in `public`, and so owns them.
 * - `app_reader`: the site's reads. Selects from whatever app_writer makes.
 * - `controller`: watches servers (pg_monitor), writes the heartbeat, keeps the slot, advances sequences at a failover
 *   (`setval` wants UPDATE on the sequence, not ownership), and writes down where each new primary began. It sees no row
 *   of the site. Promotion is a call of RDS's API.
 * - `recovery`: reads everything, reads the slot, writes the site's tables as app_writer does, keeps its ledger beside
 *   the heartbeat, which it cannot write.
 */
export const ROLES = ['app_writer', 'app_reader', 'controller', 'recovery'] as const;
export type RoleName = (typeof ROLES)[number];

/** Where what is ours and not the site's lives. */
export const OWN_SCHEMA = 'scale_from_zero';
export const HEARTBEAT_TABLE = `${OWN_SCHEMA}.heartbeat`;
/** What recovery must know of each promotion, and what nobody can tell later. */
export const OPENING_TABLE = `${OWN_SCHEMA}.opening`;
export const SLOT_NAME = 'scale_from_zero_recovery';

/**
 * Of the plugins that both RDS and a plain PostgreSQL have, the one that needs no publication. pgoutput does, "for all
 * tables", and such a publication makes UPDATE and DELETE fail on every table without a primary key (PostgreSQL manual,
 * Publication): a site's own tables must not break because of ours. test_decoding shows such a change without its
 * key, and recovery lists it as unrecoverable.
 */
export const SLOT_PLUGIN = 'test_decoding';

/** On RDS, where nobody may have the attribute REPLICATION, members of this role may use slots. */
const RDS_REPLICATION = 'rds_replication';

export interface Observed {
  /** The user that is signed in. */
  readonly master: string;
  /** Of the master: the attribute REPLICATION, which no user on RDS has, and the master of the trial does. */
  readonly masterReplicates: boolean;
  readonly database: string;
  /** Names of the roles that exist, of ROLES and rds_replication. */
  readonly roles: readonly string[];
  /** What app_writer has in `public`, quoted: `public."Notes"`. */
  readonly writerTables: readonly string[];
  readonly writerSequences: readonly string[];
}

/**
 * Statements for one transaction; running them again changes nothing but the salts of the passwords.
 *
 * @param verifiers of the passwords, see scram.ts
 */
export function rolesPlan(observed: Observed, verifiers: Readonly<Record<RoleName, string>>): string[] {
  const { roles, writerTables, writerSequences } = observed;
  const ownSchema = escapeIdentifier(OWN_SCHEMA);
  const asWriter = 'alter default privileges for role app_writer in schema public';
  return [
    ...ROLES.map((role) => {
      // The password is set anew each time: whether it is still the same, only a superuser may see.
      const how = roles.includes(role) ? 'alter' : 'create';
      return `${how} role ${role} with login password ${escapeLiteral(verifiers[role])}`;
    }),
    // By default only the owner of `public` may create there; in a database that began before version 15, everybody.
    'revoke create on schema public from public',
    `grant connect on database ${escapeIdentifier(observed.database)} to ${ROLES.join(', ')}`,
    'grant usage, create on schema public to app_writer',
    'grant usage on schema public to app_reader, controller',
    // Privileges on what a role makes can be set by its members only; making a role gives no membership since
    // version 16 (PostgreSQL manual, CREATEROLE).
    `grant app_writer to ${escapeIdentifier(observed.master)}`,
    `${asWriter} grant select on tables to app_reader`,
    `${asWriter} grant select on sequences to app_reader`,
    `${asWriter} grant select, update on sequences to controller`,
    // What was made before, by a restored dump for one. Named one by one: what belongs to others is not ours to grant.
    ...writerTables.map((table) => `grant select on table ${table} to app_reader`),
    ...writerSequences.flatMap((sequence) => [
      `grant select on sequence ${sequence} to app_reader`,
      `grant select, update on sequence ${sequence} to controller`,
    ]),
    'grant pg_monitor to controller',
    'grant app_writer to recovery',
    // What others than app_writer own, recovery reads where the master may give that away. RDS's manual does not list
    // this right among the master's, and a deployment must not fail for it.
    `do $$ begin
       grant pg_read_all_data to recovery;
     exception when insufficient_privilege then
       raise notice 'recovery reads what app_writer owns, and no more';
     end $$`,
    ...replication(observed),
    `create schema if not exists ${ownSchema}`,
    `grant usage on schema ${ownSchema} to controller, recovery`,
    `grant create on schema ${ownSchema} to recovery`,
    // One row, no more: its key has one value.
    `create table if not exists ${HEARTBEAT_TABLE} (
       id boolean primary key default true check (id),
       at timestamptz not null default now(),
       epoch bigint not null default 0
     )`,
    `grant select, insert, update on ${HEARTBEAT_TABLE} to controller`,
    `grant select on ${HEARTBEAT_TABLE} to recovery`,
    `insert into ${HEARTBEAT_TABLE} default values on conflict do nothing`,
    // One row for each promotion, never changed: how far the server had replayed when it was promoted, exactly (null when
    // it was restarted before anybody asked), and where its own slot began.
    `create table if not exists ${OPENING_TABLE} (
       epoch bigint primary key,
       at timestamptz not null default now(),
       forked_at pg_lsn,
       slot_from pg_lsn
     )`,
    `grant select, insert on ${OPENING_TABLE} to controller`,
    `grant select on ${OPENING_TABLE} to recovery`,
  ];
}

/** Slots want the attribute REPLICATION, which who has it may give (version 16), or on RDS its own role. */
function replication({ masterReplicates, roles }: Observed): string[] {
  return [
    ...(masterReplicates ? ['alter role controller replication', 'alter role recovery replication'] : []),
    ...(roles.includes(RDS_REPLICATION) ? [`grant ${RDS_REPLICATION} to controller, recovery`] : []),
  ];
}

export interface ObservedSlot {
  readonly plugin: string;
  readonly database: string;
  /** `lost` when the server has given it up: max_slot_wal_keep_size. */
  readonly walStatus: string | null;
  readonly active: boolean;
}

/**
 * Statements that each stand alone: a slot cannot be made in a transaction that has written.
 *
 * Not a failover slot (version 17): those are copied to the replicas to go on there after a promotion. This one is for
 * what the old primary had and no replica received, and is read on the old primary itself.
 *
 * @throws Error when a slot of that name is another's
 */
export function slotPlan(slot: ObservedSlot | undefined, database: string): string[] {
  const name = escapeLiteral(SLOT_NAME);
  const create = `select pg_create_logical_replication_slot(${name}, ${escapeLiteral(SLOT_PLUGIN)})`;
  if (!slot) return [create];
  if (slot.plugin !== SLOT_PLUGIN || slot.database !== database) {
    throw new Error(
      `The replication slot ${SLOT_NAME} belongs to the database ${slot.database} with the plugin ${slot.plugin}: ` +
        `drop it, so that it can be made for ${database} with ${SLOT_PLUGIN}`,
    );
  }
  const isLost = slot.walStatus === 'lost' && !slot.active;
  return isLost ? [`select pg_drop_replication_slot(${name})`, create] : [];
}
