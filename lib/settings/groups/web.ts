import { z } from 'zod';
import { VARIABLE } from '../forms';
import { INSTANCE_TYPES, isInstanceType } from '../instance-types';
import { setting, whole } from '../setting';

export const web = {
  instanceType: setting(z.string().refine(isInstanceType).default('t4g.small'), {
    description: 'EC2 instance type of the web servers.',
    allowed: 'a t, m, c or r type in a size that its family has, such as t4g.small or m7g.large',
    names: INSTANCE_TYPES,
  }),
  architecture: setting(z.enum(['arm64', 'x86_64']).default('arm64'), {
    description: 'Processor architecture of the Amazon Linux 2023 image.',
    allowed: 'arm64 or x86_64, as the instance type has it',
    names: ['arm64', 'x86_64'],
  }),
  artifact: setting(z.string().min(1).optional(), {
    description: 'Folder with your site, ready to run; it is uploaded and unpacked on each server.',
    allowed: 'a folder that exists, relative to cdk.json',
    otherwise: 'the sample site in app/',
  }),
  packages: setting(z.array(z.string().regex(/^[A-Za-z0-9][\w.+-]*$/)).default(['nodejs22']), {
    description: 'Packages of Amazon Linux 2023 that the site needs to run.',
    allowed: 'a list of package names, such as ["nodejs22"]',
  }),
  startCommand: setting(
    z
      .string()
      .regex(/^[^\r\n]{1,500}$/)
      .default('node site.js'),
    {
      description:
        'Command that starts the site, in the folder of the artifact; a line of /bin/sh, so that $PORT means the port.',
      allowed: 'one line of 1 to 500 characters, such as "node site.js"',
    },
  ),
  port: setting(whole(1024, 65535).default(8080), {
    description: 'Port that the site listens on (it is in the variable PORT).',
    allowed: 'a whole number from 1024 to 65535',
    unit: 'TCP port',
  }),
  healthPath: setting(
    z
      .string()
      .regex(/^\/[\w\-./~%?=&]{0,255}$/)
      .default('/healthz'),
    {
      description: 'Path that answers 200 while the server is fit; it must not depend on the database.',
      allowed: 'a path beginning with "/", of letters, digits and -._~%/?=&',
    },
  ),
  drainSeconds: setting(whole(1, 900).default(30), {
    description: 'Time that a server has for finishing its requests when it is taken out.',
    allowed: 'a whole number from 1 to 900',
    unit: 'seconds',
  }),
  minCapacity: setting(whole(1, 100).default(2), {
    description: 'Fewest web servers behind the load balancer.',
    allowed: 'a whole number from 1 to 100, at most web.maxCapacity',
    unit: 'servers',
  }),
  maxCapacity: setting(whole(1, 100).default(6), {
    description: 'Most web servers behind the load balancer.',
    allowed: 'a whole number from 1 to 100, at least web.minCapacity',
    unit: 'servers',
  }),
  requestsPerTargetPerMinute: setting(whole(1, 1_000_000).default(1000), {
    description: 'Load that one server is to carry; above it servers are added, below it they go.',
    allowed: 'a whole number from 1 to 1000000',
    unit: 'requests a minute',
  }),
  environment: setting(
    z.record(z.string().regex(VARIABLE), z.string().regex(/^[^\0\r\n]{0,1000}$/)).default({}),
    {
      description:
        "Further environment variables of the site; no secrets, as they stand in the server's user data.",
      allowed:
        'names of letters, digits and _ that the blueprint does not set itself, with values in quotes of up to 1000 characters without line breaks; together with web.packages and web.startCommand at most 8192 bytes',
    },
  ),
};
