/** A plane with a primary and replicas, without RDS and without a controller. */
import { SimulatedClock } from '../../../trial/simulation/clock';
import { Network } from '../../../trial/simulation/network';
import { SimulatedPlane } from '../../../trial/simulation/plane';
import { DATABASE_GROUP } from '../../../trial/simulation/policy';
import { seeded } from '../../../trial/simulation/random';
import type { Server } from '../../../trial/simulation/server';

const copy = (resourceId: string) => ({
  resourceId,
  endpoint: { name: `${resourceId}.rds`, port: 5432 },
  securityGroupIds: [DATABASE_GROUP],
  parameters: {},
  archiveWal: true,
});

export async function makePlane(...replicas: string[]) {
  const clock = new SimulatedClock();
  const network = new Network();
  const plane = new SimulatedPlane({ clock, network, random: seeded(1) });
  await plane.create({ ...copy('primary'), master: { username: 'postgres', password: 'x' } });
  for (const replica of replicas) await plane.createReplica(copy(replica), 'primary');
  /** Lets time pass, with a look at everything each 100 ms. */
  const pass = async (milliseconds: number) => {
    const end = clock.now() + milliseconds;
    while (clock.now() < end) {
      await clock.step(Math.min(end, clock.now() + 100));
      plane.advance();
    }
  };
  const server = (id: string): Server => plane.find(id);
  for (const replica of replicas) server(replica).linkDelayMillis = 500;
  const write = (id = 'primary') => {
    const row = server(id).insert('web-1', clock.now());
    if (typeof row === 'string') throw new Error(row);
    return row;
  };
  return { clock, network, plane, pass, server, write };
}
