import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Party } from '../control/contract';
import { TrialFailure } from '../failure';
import type { World } from './world';

type PlaneParty = Exclude<Party, 'everybody'>;

const PARTIES: readonly PlaneParty[] = ['clients', 'controller', 'replicas'];

/** Faults of databases: what is done to a server, to its network and to its disk. Remembers which hold. */
export class DatabaseFaults {
  /** A sentence for each that holds, by what takes it back. */
  private readonly holding = new Map<string, { sentence: string; heal: () => Promise<void> }>();

  constructor(private readonly world: World) {}

  /**
   * @returns what was done, a sentence
   * @throws TrialFailure when there is no such database
   */
  async apply(fault: Extract<Fault, { database: string }>): Promise<string> {
    const { plane, rds } = this.world;
    const { identifier, id } = this.find(fault.database);
    switch (fault.kind) {
      case 'kill-database':
        if (fault.stays) {
          rds.model.holdDown(id);
          this.hold(`kill ${id}`, `${identifier} is dead and stays dead`, async () => rds.model.release(id));
        }
        await plane.kill(id);
        return `${identifier} was killed${fault.stays ? ', and stays dead until it is released' : ''}.`;
      case 'release-database':
        this.holding.delete(`kill ${id}`);
        rds.model.release(id);
        return `${identifier} may be restarted.`;
      case 'freeze-database':
        if (fault.stays) rds.model.holdDown(id);
        await plane.freeze(id);
        this.hold(`freeze ${id}`, `${identifier} is frozen`, () =>
          fault.stays ? this.thawHeld(id) : plane.thaw(id),
        );
        return `${identifier} is frozen: its connections are open and silent${fault.stays ? ', and RDS cannot restart it' : ''}.`;
      case 'thaw-database':
        await this.heal(`freeze ${id}`);
        return `${identifier} goes on.`;
      case 'cut-off':
        for (const party of partiesOf(fault.from)) {
          plane.setPassage(id, party, 'drop');
          this.hold(`passage ${id} ${party}`, `${identifier} is cut off from ${party}`, async () =>
            plane.setPassage(id, party, 'pass'),
          );
        }
        return `${identifier} is cut off from ${fault.from}.`;
      case 'reconnect':
        for (const party of partiesOf(fault.to)) await this.heal(`passage ${id} ${party}`);
        return `${identifier} is reached by ${fault.to} again.`;
      case 'slow-network':
        for (const party of partiesOf(fault.from)) {
          plane.setPassage(id, party, { delayMillis: fault.milliseconds });
          const sentence = `${identifier} is ${fault.milliseconds} ms away from ${party}`;
          this.hold(`passage ${id} ${party}`, sentence, async () => plane.setPassage(id, party, 'pass'));
        }
        return `${identifier} is ${fault.milliseconds} ms away from ${fault.from}.`;
      case 'fill-disk':
        await plane.fillDisk(id);
        rds.model.storageFull(id, true);
        this.hold(`disk ${id}`, `the disk of ${identifier} is full`, async () => {
          await plane.freeDisk(id);
          rds.model.storageFull(id, false);
        });
        return `The disk of ${identifier} is full.`;
      case 'empty-disk':
        await this.heal(`disk ${id}`);
        return `${identifier} has room again.`;
      case 'delay-replay':
        await plane.delayReplay(id, fault.seconds * 1000);
        if (fault.seconds === 0) this.holding.delete(`replay ${id}`);
        else {
          const sentence = `${identifier} replays ${fault.seconds} s late`;
          this.hold(`replay ${id}`, sentence, () => plane.delayReplay(id, 0));
        }
        return `${identifier} replays ${fault.seconds} s late.`;
    }
  }

  /** A restart that RDS was asked for ends the frozen server (trial/postgres/server.ts); else it goes on. */
  private async thawHeld(id: string): Promise<void> {
    const { plane, rds } = this.world;
    rds.model.release(id);
    const isRestarting = () =>
      rds.model
        .toJSON()
        .instances.some(
          ({ resourceId, tasks }) => resourceId === id && tasks.some(({ kind }) => RESTARTS.has(kind)),
        );
    const until = Date.now() + RESTART_WITHIN_MILLIS;
    while (isRestarting() && Date.now() < until) await sleep(20);
    await plane.thaw(id);
  }

  /** Takes back every fault that holds. */
  async healAll(): Promise<void> {
    for (const key of [...this.holding.keys()]) await this.heal(key);
  }

  sentences(): string[] {
    return [...this.holding].flatMap(([key, { sentence }]) => {
      const [kind, id = ''] = key.split(' ');
      // A reboot, or its end, thaws it as well.
      return kind === 'freeze' && this.world.plane.isAtWork(id) ? [] : [sentence];
    });
  }

  private hold(key: string, sentence: string, heal: () => Promise<void>): void {
    this.holding.set(key, { sentence, heal });
  }

  /** What has been deleted meanwhile has nothing left to heal. */
  private async heal(key: string): Promise<void> {
    const fault = this.holding.get(key);
    this.holding.delete(key);
    try {
      await fault?.heal();
    } catch {
      // It has been deleted: there is no such database any more.
    }
  }

  /** A database by its identifier, with or without the site's name before it. */
  private find(name: string): { identifier: string; id: string } {
    const { instances } = this.world.rds.model.toJSON();
    const found =
      instances.find(({ identifier }) => identifier === name) ??
      instances.find(({ identifier }) => identifier.endsWith(`-${name}`));
    if (!found) {
      const known = instances.map(({ identifier }) => identifier).join(', ') || 'none';
      throw new TrialFailure(`There is no database ${name}: there is ${known}.`);
    }
    return { identifier: found.identifier, id: found.resourceId };
  }
}

/** Tasks of RDS that end the server, whatever it does. */
const RESTARTS: ReadonlySet<string> = new Set(['reboot', 'recover', 'stop', 'remove']);

/** Longer than a restart takes at time scale 0; what takes longer has ended the server by then. */
const RESTART_WITHIN_MILLIS = 10_000;

const partiesOf = (party: Party): readonly PlaneParty[] => (party === 'everybody' ? PARTIES : [party]);
