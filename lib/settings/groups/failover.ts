import { z } from 'zod';
import { WINDOW } from '../forms';
import { setting, whole } from '../setting';

export const failover = {
  mode: setting(z.enum(['automatic', 'notify', 'off']).default('automatic'), {
    description: 'Fail over by itself, only say that it would, or do not watch at all.',
    allowed: 'automatic, notify or off',
    names: ['automatic', 'notify', 'off'],
  }),
  probeIntervalSeconds: setting(whole(1, 60).default(5), {
    description: 'How often the controller looks at the databases while nothing is wrong.',
    allowed: 'a whole number from 1 to 60, at most half of failover.detectAfterSeconds',
    unit: 'seconds',
  }),
  detectAfterSeconds: setting(whole(2, 3600).default(20), {
    description: 'How long the primary must have been out of reach before it counts as dead.',
    allowed: 'a whole number from 2 to 3600, at least twice failover.probeIntervalSeconds',
    unit: 'seconds',
  }),
  maxLagSeconds: setting(whole(1, 86400).default(30), {
    description: 'Lag beyond which a replica serves no reads and is not promoted.',
    allowed: 'a whole number from 1 to 86400',
    unit: 'seconds',
  }),
  fencing: setting(z.enum(['strict', 'best-effort']).default('strict'), {
    description: 'Whether a failover waits for a human when the old primary cannot be shown to be cut off.',
    allowed: 'strict or best-effort',
    names: ['strict', 'best-effort'],
  }),
  minimumIntervalMinutes: setting(whole(0, 10080).default(60), {
    description: 'Time after a failover in which another one needs an acknowledgement.',
    allowed: 'a whole number from 0 to 10080',
    unit: 'minutes',
  }),
  replaceAfterSeconds: setting(whole(5, 86_400).default(600), {
    description: 'How long a replica may be unfit before it is replaced.',
    allowed: 'a whole number from 5 to 86400',
    unit: 'seconds',
  }),
  managedFailoverGraceSeconds: setting(whole(0, 3600).default(180), {
    description:
      "How long RDS's own failover or reboot of the primary is waited for, before and within a failover; less than 120 is for trials.",
    allowed: 'a whole number from 0 to 3600',
    unit: 'seconds',
  }),
  sequenceGap: setting(whole(0, 1_000_000_000).default(100_000), {
    description:
      'How far sequences are advanced on a promoted replica, so that keys of lost rows are not given out again.',
    allowed: 'a whole number from 0 to 1000000000',
    unit: 'values',
  }),
  reserveConcurrency: setting(z.boolean().default(false), {
    description:
      "Keep one execution of Lambda free for the failover controller and one for recovery, so that other functions of the account cannot use all of them; the account's quota must be at least 102, and a new account's is 10.",
    allowed: 'true or false',
  }),
  maintenanceWindow: setting(z.string().regex(WINDOW).default('sun:03:00-sun:04:00'), {
    description:
      "Weekly time, in UTC, for RDS's maintenance and for giving databases their usual names back.",
    allowed: 'ddd:hh:mm-ddd:hh:mm in lower case, at least 30 minutes, such as sun:03:00-sun:04:00',
    unit: 'UTC',
  }),
};
