/** Holds what happens against what must hold. */
import type { Outcome } from '../../lambda/failover/ports';
import type { Asked } from './asked';
import { Facts } from './facts';
import type { Invariant, Violation } from './invariant';
import { invariants } from './invariants';
import { promotedBy } from './invariants-failover';
import type { Run } from './run';
import type { Server } from './server';
import type { Row } from './wal';
import type { Watcher, World } from './world';

export class Checking implements Watcher {
  /** The first. */
  violation?: Violation;
  private readonly facts: Facts;
  private readonly all = invariants();
  private readonly steps = this.all.filter(({ step }) => step);

  constructor(private readonly world: World) {
    this.facts = new Facts(world);
    world.watchers.push(this);
    world.journal.onCommit.push((before, commit) => {
      this.facts.committed(commit);
      this.check((invariant) => invariant.committed?.(this.facts, commit, before));
    });
  }

  step(): void {
    this.facts.update();
    for (const invariant of this.steps) {
      const detail = invariant.step!(this.facts);
      if (detail !== undefined) this.found(invariant, detail);
    }
  }

  asked(run: Run, asked: Asked): void {
    this.check((invariant) => invariant.asked?.(this.facts, asked, run));
    const target = promotedBy(this.facts, asked);
    if (target) this.facts.promotes(target.resourceId);
  }

  accepted(_run: Run, asked: Asked): void {
    for (const invariant of this.all) invariant.accepted?.(this.facts, asked);
  }

  begins({ owner }: Run): void {
    this.facts.begins(owner);
  }

  lived(run: Run, resourceId: string): void {
    this.facts.lived(run.owner, resourceId);
  }

  failed(_run: Run, asked: Asked, outcome: Outcome): void {
    for (const invariant of this.all) invariant.failed?.(this.facts, asked, outcome);
  }

  wrote(row: Row): void {
    this.check((invariant) => invariant.wrote?.(this.facts, row));
  }

  served(_client: string, server: Server, what: 'read' | 'write'): void {
    if (this.facts.old.has(server.resourceId)) {
      this.check((invariant) => invariant.served?.(this.facts, server, what));
    }
  }

  end(): void {
    this.check((invariant) => invariant.end?.(this.facts));
  }

  thrown(owner: string, error: unknown): void {
    const detail = `${owner} has failed: ${error instanceof Error ? error.stack : String(error)}`;
    this.found({ number: 0, sentence: 'A run throws nothing but what its ports throw' }, detail);
  }

  private check(of: (invariant: Invariant) => string | undefined): void {
    for (const invariant of this.all) {
      const detail = of(invariant);
      if (detail !== undefined) this.found(invariant, detail);
    }
  }

  private found({ number, sentence }: Invariant, detail: string): void {
    if (this.violation) return;
    const at = this.world.clock.now() - this.world.beganAt;
    this.violation = { number, sentence, detail, at };
    this.world.note(`VIOLATION of ${number}: ${detail}`);
  }
}
