/** Faults that meet one server, or what RDS makes of it. */
import { RdsError } from '../rds/model/errors';
import type { Request } from '../rds/model/operations';
import { SITE } from './policy';
import type { Fault, Whom } from './schedule';
import type { World } from './world';

/** @returns what ends it, or nothing when it is over at once */
export function onServer(
  world: World,
  fault: Extract<Fault, { whom: Whom }>,
  resourceId: string,
  index: number,
): (() => void) | undefined {
  const { plane, model, network } = world;
  const server = plane.find(resourceId);
  // Who was deleted meanwhile is not mended.
  const ifThere = (mend: () => void) => () => void (plane.servers.has(resourceId) && mend());
  switch (fault.kind) {
    case 'kill':
      plane.crash(resourceId);
      return undefined;
    case 'lose-host':
      model.loseHost(resourceId);
      plane.crash(resourceId, true);
      return undefined;
    case 'dead': {
      const release = holdDown(world, resourceId);
      plane.crash(resourceId, true);
      return ifThere(() => {
        server.silent = false;
        release();
      });
    }
    case 'freeze':
      plane.freeze(resourceId);
      return ifThere(() => plane.thaw(resourceId));
    case 'isolate': {
      const join = network.isolate(resourceId);
      const release = holdDown(world, resourceId);
      return () => {
        join();
        release();
      };
    }
    case 'slow-replication': {
      const before = server.linkDelayMillis;
      server.linkDelayMillis = fault.seconds * 1000;
      return () => void (server.linkDelayMillis = before);
    }
    case 'slow-replay':
      server.replayDelayMillis = fault.seconds * 1000;
      return () => void (server.replayDelayMillis = 0);
    case 'disk-full':
      server.full = true;
      model.storageFull(resourceId, true);
      return ifThere(() => {
        server.full = false;
        model.storageFull(resourceId, false);
      });
    case 'grow':
      model.grow(resourceId);
      return undefined;
    case 'occupied':
      model.occupy(resourceId, fault.status, fault.lasts * 1000);
      return undefined;
    case 'shown':
      model.show(resourceId, fault.status);
      return ifThere(() => model.show(resourceId, 'available'));
    case 'promotion':
      model.promotion(resourceId, fault.how);
      return ifThere(() => model.promotion(resourceId, undefined));
    case 'own-failover':
      model.failOver(resourceId);
      return undefined;
    case 'unseen':
      world.unseen.add(resourceId);
      return () => void world.unseen.delete(resourceId);
    case 'errors':
      server.error = fault.code;
      return () => void delete server.error;
    case 'astray':
      if (server.recovering && server.works) server.stray(world.clock.now());
      return undefined;
    case 'flap':
      return flap(world, resourceId, fault);
    case 'class-waits':
      byHand(world, 'ModifyDBInstance', resourceId, { DBInstanceClass: 'db.m6g.large' });
      return undefined;
    case 'reboot':
      byHand(world, 'RebootDBInstance', resourceId);
      return undefined;
    case 'rename': {
      const old = world.nameOf(resourceId);
      const rename = (to: string) =>
        byHand(world, 'ModifyDBInstance', resourceId, {
          NewDBInstanceIdentifier: to,
          ApplyImmediately: true,
        });
      rename(`${SITE}-by-hand-${index}`);
      // Whose name is taken by then keeps the new one: RDS refuses it.
      return ifThere(() => rename(old));
    }
    case 'delete':
      // Whoever deletes takes the protection away first.
      byHand(world, 'ModifyDBInstance', resourceId, { DeletionProtection: false });
      byHand(world, 'DeleteDBInstance', resourceId, { SkipFinalSnapshot: true });
      return undefined;
  }
}

/** Away and there again, until it is over. @returns what ends it */
function flap(
  { plane, clock }: World,
  resourceId: string,
  { away, there }: { readonly away: number; readonly there: number },
): () => void {
  let isOver = false;
  const goAway = () => {
    if (isOver) return;
    plane.advance();
    plane.freeze(resourceId);
    clock.after(away * 1000, comeBack);
  };
  const comeBack = () => {
    plane.thaw(resourceId);
    clock.after(there * 1000, goAway);
  };
  goAway();
  return () => {
    isOver = true;
    plane.thaw(resourceId);
  };
}

/** Nothing of RDS gets through, until the last fault of this kind is over. */
function holdDown({ model, plane, held }: World, resourceId: string): () => void {
  model.holdDown(resourceId);
  held.set(resourceId, (held.get(resourceId) ?? 0) + 1);
  return () => {
    const left = held.get(resourceId)! - 1;
    held.set(resourceId, left);
    if (left === 0 && plane.servers.has(resourceId)) model.release(resourceId);
  };
}

/** Somebody calls RDS; what it refuses is not done. */
export function byHand<O extends 'RebootDBInstance' | 'DeleteDBInstance' | 'ModifyDBInstance'>(
  world: World,
  operation: O,
  resourceId: string,
  more: Partial<Request<O>> = {},
): void {
  const DBInstanceIdentifier = world.instance(resourceId)?.DBInstanceIdentifier;
  world.model.call(operation, { ...more, DBInstanceIdentifier } as Request<O>).catch((error: unknown) => {
    if (!(error instanceof RdsError)) throw error;
    world.note(`RDS refuses the hand: ${error.code}`);
  });
}
