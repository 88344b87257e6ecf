import { z } from 'zod';
import { DAILY_WINDOW } from '../forms';
import { DATABASE_CLASSES, isDatabaseClass } from '../instance-types';
import { whyNotDatabase } from '../reserved-words';
import { setting, unless, whole } from '../setting';

export const database = {
  databaseName: setting(
    z
      .string()
      .regex(/^(?!pg_|rds|template[01]$)[a-z][a-z0-9_]{0,62}$/)
      .refine(unless(whyNotDatabase))
      .default('site'),
    {
      description: 'Name of the database.',
      allowed:
        '1 to 63 lower-case letters, digits and _, beginning with a letter, not with "pg_" or "rds", and no key word of SQL',
      whyNot: whyNotDatabase,
    },
  ),
  engineVersion: setting(
    z
      .string()
      .regex(/^17(\.\d{1,2})?$/)
      .default('17'),
    {
      description: "Version of PostgreSQL; the major number alone takes RDS's default minor version.",
      allowed: '"17" or "17.N", in quotes (replication is built and tested for 17)',
    },
  ),
  instanceType: setting(z.string().refine(isDatabaseClass).default('db.t4g.medium'), {
    description: 'RDS instance class of the primary and of each replica.',
    allowed:
      'a class of RDS for PostgreSQL in a size that its family has, such as db.t4g.medium or db.r7g.large',
    names: DATABASE_CLASSES,
  }),
  // gp3 begins at 20 GiB and ends at 64 TiB (RDS guide, "gp3 storage").
  storageGiB: setting(whole(20, 65536).default(20), {
    description: 'Storage of the database at the start; it can only grow.',
    allowed: 'a whole number from 20 to 65536, below database.maxStorageGiB',
    unit: 'GiB',
  }),
  maxStorageGiB: setting(whole(22, 65536).default(100), {
    description: 'Up to where RDS grows the storage by itself.',
    allowed: 'a whole number up to 65536, at least 10 % above database.storageGiB',
    unit: 'GiB',
  }),
  multiAz: setting(z.boolean().default(false), {
    description: 'A synchronous standby of the primary in another zone, which RDS fails over to by itself.',
    allowed: 'true or false',
  }),
  // At most 15 replicas a source (RDS guide, "Working with PostgreSQL read replicas").
  replicas: setting(whole(0, 15).default(2), {
    description: 'Read replicas at the stage replicated.',
    allowed: 'a whole number from 1 to 15 at replicated, from 0 before',
    unit: 'replicas',
  }),
  backupDays: setting(whole(0, 35).default(7), {
    description: 'How long automatic backups are kept; replicas need them.',
    allowed: 'a whole number from 1 to 35; 0 (no backups) only without replicas',
    unit: 'days',
  }),
  backupWindow: setting(z.string().regex(DAILY_WINDOW).default('05:00-06:00'), {
    description: 'Daily time, in UTC, in which RDS begins the automatic backup.',
    allowed: 'hh:mm-hh:mm, at least 30 minutes, not while failover.maintenanceWindow is, such as 05:00-06:00',
    unit: 'UTC',
  }),
  deletionProtection: setting(z.boolean().default(true), {
    description: 'Refuse to delete the primary and the load balancer.',
    allowed: 'true or false',
  }),
  secretRotationDays: setting(whole(0, 365).default(0), {
    description: 'How often the passwords in Secrets Manager are changed; 0 for never.',
    allowed: 'a whole number from 0 to 365',
    unit: 'days',
  }),
};
