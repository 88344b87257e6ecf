import { renameSync, writeFileSync } from 'node:fs';

/** A resource that the emulator's CloudFormation cannot bring to what a template says. All that is given must fit. */
export interface ResourceFault {
  /** E.g. `mysite-data`. */
  readonly stack?: string;
  /** The logical ID. */
  readonly resource?: string;
  /** E.g. `AWS::RDS::DBInstance`. */
  readonly type?: string;
  /** `update`: its replacement as well; `roll-back`: the way back of an update. */
  readonly when: 'create' | 'update' | 'roll-back' | 'delete';
  /** Only when all of it has been done: a server that was started and does not come up. @default false */
  readonly late?: boolean;
  /** How long a late one is waited for, while the world goes on. @default 0 */
  readonly seconds?: number;
  /** For the stack's events. */
  readonly reason: string;
}

/** Faults of resources, which the emulator reads from a file (resource_faults.py): they hold until others are set. */
export class ResourceFaults {
  constructor(readonly file: string) {
    this.set();
  }

  set(...faults: readonly ResourceFault[]): void {
    // Whole or not at all, as the emulator may read it now.
    writeFileSync(`${this.file}.new`, JSON.stringify(faults));
    renameSync(`${this.file}.new`, this.file);
  }
}
