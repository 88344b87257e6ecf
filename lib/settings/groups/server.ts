import { z } from 'zod';
import { EMAIL } from '../forms';
import { setting, whole } from '../setting';

export const server = {
  volumeGiB: setting(whole(8, 16384).default(20), {
    description: 'Data volume of the lone server: database, certificates.',
    allowed: 'a whole number from 8 to 16384; it can only grow',
    unit: 'GiB',
  }),
  snapshotDays: setting(whole(1, 365).default(14), {
    description: 'How long the daily snapshots of the data volume are kept.',
    allowed: 'a whole number from 1 to 365',
    unit: 'days',
  }),
  keepVolume: setting(z.boolean().default(true), {
    description:
      'Keep the data volume among the resources from load-balanced on; when false it leaves the stack, but stays in the account.',
    allowed: 'true or false',
  }),
  acmeEmail: setting(z.string().regex(EMAIL).optional(), {
    description: "Where the certificate authority of the lone server's certificate writes to.",
    allowed: 'an e-mail address',
    otherwise: 'no address',
  }),
};
