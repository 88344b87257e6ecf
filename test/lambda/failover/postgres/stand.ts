/** A prepared primary of the trial's data plane, whose master is as limited as RDS's, and who looks at it. */
import { readFileSync } from 'node:fs';
import { fromSecret } from '../../../../app/database/credentials';
import type { Address } from '../../../../lambda/failover/observation';
import type { Log } from '../../../../lambda/failover/ports';
import type { Access } from '../../../../lambda/failover/postgres/connection';
import { ROLES, type RoleName } from '../../../../lambda/prepare-database/plan';
import { prepareDatabase } from '../../../../lambda/prepare-database/prepare';
import { scramVerifier } from '../../../../lambda/prepare-database/scram';
import { type TestWorld, newDatabase, testWorld } from '../../../trial/postgres/world';

export const PRIMARY = 'db-A';

export interface Stand {
  readonly world: TestWorld;
  readonly access: Access;
  /** By which the controller finds an instance. */
  address(resourceId: string): Address;
  /** Statements as a role, on a connection of its own; the rows of the last one. */
  as(
    role: RoleName | 'master',
    resourceId: string,
    ...statements: string[]
  ): Promise<Record<string, unknown>[]>;
  /** What was logged, as `<level> <message> <fields>`. */
  readonly logged: string[];
  readonly log: Log;
}

const passwordOf = (role: RoleName) => `${role}'s own`;

export const secretOf = (password: string) => JSON.stringify({ username: 'controller', password });

export const sourceOf = (password: string) => fromSecret('arn', () => Promise.resolve(secretOf(password)));

/** Ended with its world. */
export async function startStand(): Promise<Stand> {
  const world = await testWorld();
  const { plane } = world;
  await plane.create(newDatabase(PRIMARY));
  const master = await world.connect(PRIMARY);
  const verifiers = Object.fromEntries(ROLES.map((role) => [role, scramVerifier(passwordOf(role))]));
  await prepareDatabase(master, verifiers as Record<RoleName, string>);
  await master.end();

  const logged: string[] = [];
  const line =
    (level: string) =>
    (message: string, fields: { error?: Error } = {}) =>
      void logged.push(`${level} ${message} ${JSON.stringify({ ...fields, error: fields.error?.message })}`);
  const source = sourceOf(passwordOf('controller'));
  return {
    world,
    access: {
      database: 'site',
      ca: readFileSync(plane.certificateBundle, 'utf8'),
      current: source,
      previous: source,
      resolve: (name) => {
        const found = plane.addresses().get(name);
        if (found) return Promise.resolve(found.address);
        return Promise.reject(Object.assign(new Error(`no ${name}`), { code: 'ENOTFOUND' }));
      },
    },
    address(resourceId) {
      const { address, port } = plane.addressOf(resourceId)!;
      const [host] = [...plane.addresses()].find(([, found]) => found.address === address)!;
      return { host, port };
    },
    async as(role, resourceId, ...statements) {
      const config = role === 'master' ? {} : { user: role, password: passwordOf(role) };
      const client = await world.connect(resourceId, config);
      try {
        let rows: Record<string, unknown>[] = [];
        for (const statement of statements) ({ rows } = await client.query(statement));
        return rows;
      } finally {
        await client.end();
      }
    },
    logged,
    log: { info: line('info'), warn: line('warn'), error: line('error'), metric: () => undefined },
  };
}
