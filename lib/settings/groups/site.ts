import { z } from 'zod';
import { DOMAIN, LABELS } from '../forms';
import { setting } from '../setting';

export const site = {
  zoneName: setting(z.string().regex(DOMAIN).optional(), {
    description: 'Your domain: the name of the public hosted zone.',
    allowed: 'a domain name in lower case without a dot at its end, such as mysite.com',
    otherwise: "no record; the site is reached by the load balancer's own name or the server's address",
  }),
  recordName: setting(z.union([z.literal(''), z.string().max(190).regex(LABELS)]).default(''), {
    description: 'Name of the site within the domain; empty for the domain itself.',
    allowed:
      'letters, digits, hyphens and dots in lower case without the domain, such as "api" for api.mysite.com',
  }),
  hostedZoneId: setting(
    z
      .string()
      .regex(/^Z[A-Z0-9]{1,31}$/)
      .optional(),
    {
      description: 'The hosted zone of the domain, if it exists already.',
      allowed: 'the ID of a hosted zone, such as Z0123456789ABCDEFGHIJ',
      otherwise: 'a new zone, in a stack of its own',
    },
  ),
  takeOverRecord: setting(z.boolean().default(false), {
    description:
      'Put the name of the site over a record that it has already, in one step, and back if the deployment fails (docs/domain.md). Set it before the first deployment of the name, and leave it.',
    allowed: 'true or false; true needs site.hostedZoneId',
  }),
  https: setting(z.boolean().optional(), {
    description: 'Serve HTTPS, and redirect HTTP to it.',
    allowed: 'true or false; true needs site.zoneName',
    otherwise: 'true if site.zoneName is given',
  }),
};
