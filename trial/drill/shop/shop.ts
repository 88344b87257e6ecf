/** Clients of the shop: they write through the writer's name, and keep a ledger of what they were told. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { TrialFacts } from '../../control/contract';
import { TrialFailure } from '../../failure';
import { type Random, oneOf, seeded } from '../../load/random';
import { fetchFacts } from '../../view/source';
import { type Credentials, connected, serverAddress, writerCredentials } from '../clients';
import { databaseOf, targetsOf } from '../group';
import type { Scene } from '../scene';
import type { Row, Written } from './ledger';
import { KEYS, type Known, SCHEMA, SEED_WRITES, TABLES, WRITES, type Write, changeOrder } from './writes';

const CLIENTS = 4;
const PAUSE_MILLIS = 60;
const LOOK_MILLIS = 250;
const ANSWER_MILLIS = 3_000;

export class Shop {
  readonly ledger: Written[] = [];
  private readonly ending = new AbortController();
  private working: Promise<unknown> = Promise.resolve();
  private target: string | undefined;
  private number = 0;
  private readonly customers: string[] = [];
  private readonly orders: string[] = [];
  private readonly random: Random;

  private constructor(
    private readonly scene: Scene,
    private readonly credentials: Credentials,
    private readonly from: string,
    seed: number,
  ) {
    this.random = seeded(seed);
  }

  /** Tables and the first rows. @throws TrialFailure when nobody takes writes */
  static async open(scene: Scene): Promise<Shop> {
    const credentials = await writerCredentials(scene.running);
    const shop = new Shop(scene, credentials, serverAddress(scene.before), Date.now() % 2 ** 31);
    shop.follow(scene.before);
    const client = await shop.connect();
    try {
      await client.query(`drop table if exists ${TABLES.join(', ')}`);
      await client.query(SCHEMA);
      for (const write of SEED_WRITES) await shop.write(client, shop.target!, write);
    } finally {
      await client.end();
    }
    return shop;
  }

  /** From now on until `end`. */
  begin(): void {
    const clients = Array.from({ length: CLIENTS }, () => this.client());
    this.working = Promise.all([this.look(), ...clients]);
  }

  async end(): Promise<void> {
    this.ending.abort();
    await this.working;
  }

  /** So many transactions were acknowledged since `at` by the database at `address`. */
  acknowledged(address: string, at = 0): readonly Written[] {
    return this.ledger.filter((one) => one.address === address && one.at >= at && !one.isInDoubt);
  }

  /** Changes orders again on today's primary: each as one transaction. @returns of how many it found the row */
  async contest(orders: readonly string[]): Promise<number> {
    const client = await this.connect();
    let found = 0;
    try {
      for (const order of orders) {
        const one: Known = { customer: () => undefined, order: () => order };
        found += (await this.write(client, this.target!, changeOrder, one)).length;
      }
    } finally {
      await client.end();
    }
    return found;
  }

  /** All rows of the primary. */
  async rows(): Promise<Row[]> {
    const client = await this.connect();
    try {
      const found: Row[] = [];
      for (const table of TABLES) {
        const keys = KEYS[table].map((column) => `${column}::text`).join(', ');
        const { rows } = await client.query<{ key: string[]; mark: string }>(
          `select array[${keys}] as key, mark from ${table}`,
        );
        found.push(...rows.map(({ key, mark }) => ({ table, key, mark })));
      }
      return found;
    } finally {
      await client.end();
    }
  }

  async drop(): Promise<void> {
    const client = await this.connect();
    await client.query(`drop table if exists ${TABLES.join(', ')}`).finally(() => client.end());
  }

  private follow(facts: TrialFacts): void {
    const [writer] = targetsOf(facts, 'writer');
    this.target = (writer && databaseOf(facts, writer)?.address) ?? this.target;
  }

  private async look(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      await fetchFacts(this.scene.running).then(
        (facts) => this.follow(facts),
        () => undefined,
      );
      await sleep(LOOK_MILLIS, undefined, { signal }).catch(() => undefined);
    }
  }

  private connect(): Promise<Client> {
    if (this.target === undefined) throw new TrialFailure('The writer’s name leads nowhere.');
    const { credentials, from, target } = this;
    return connected({ to: target, from, credentials, queryMillis: ANSWER_MILLIS });
  }

  private async client(): Promise<void> {
    const { signal } = this.ending;
    let client: Client | undefined;
    let address: string | undefined;
    const leave = async () => {
      const gone = client;
      client = undefined;
      await gone?.end().catch(() => undefined);
    };
    while (!signal.aborted) {
      try {
        if (address !== this.target) await leave();
        address = this.target;
        client ??= await this.connect();
        await this.write(client, address!, oneOf(this.random, WRITES));
      } catch {
        // What became of it is in the ledger.
        void leave();
      }
      await sleep(PAUSE_MILLIS, undefined, { signal }).catch(() => undefined);
    }
    await leave();
  }

  private async write(client: Client, address: string, write: Write, known = this.known()) {
    const mark = `w${++this.number}`;
    await client.query('begin');
    const effects = await write(client as never, mark, known, this.random).catch(async (error: unknown) => {
      await client.query('rollback');
      throw error;
    });
    const note = (isInDoubt: boolean) => {
      if (effects.length > 0) this.ledger.push({ at: Date.now(), address, mark, effects, isInDoubt });
    };
    await client.query('commit').catch((error: unknown) => {
      note(true);
      throw error;
    });
    note(false);
    for (const { table, key, base } of effects) {
      if (base !== null) continue;
      if (table === 'shop_customers') this.customers.push(key[0]!);
      if (table === 'shop_orders') this.orders.push(key[0]!);
    }
    return effects;
  }

  private known(): Known {
    const one = (all: readonly string[]) => (all.length > 0 ? oneOf(this.random, all) : undefined);
    return { customer: () => one(this.customers), order: () => one(this.orders) };
  }
}
