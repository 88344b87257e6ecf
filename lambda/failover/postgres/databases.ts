import type { DatabasesPort, Log } from '../ports';
import type { Access } from './connection';
import { open } from './open';
import { prober } from './probe';

export const databasesFor = (access: Access, log: Log): DatabasesPort => ({
  probe: prober(access, log),
  open: (address, epoch, sequenceGap) => open(address, access, log, { epoch, sequenceGap }),
});
