import { z } from 'zod';
import { EMAIL, RETENTION_DAYS } from '../forms';
import { setting } from '../setting';

export const alarms = {
  email: setting(z.string().regex(EMAIL).optional(), {
    description: 'Who is told of alarms; the address must confirm the subscription.',
    allowed: 'an e-mail address',
    otherwise: 'nobody; the topic is there to be subscribed to',
  }),
};

export const logs = {
  days: setting(
    z
      .number()
      .refine((days) => RETENTION_DAYS.includes(days))
      .default(90),
    {
      description: 'How long access logs, flow logs, and the logs of databases and functions are kept.',
      allowed: `one of ${RETENTION_DAYS.join(', ')}`,
      unit: 'days',
    },
  ),
};
