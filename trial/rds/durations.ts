/**
 * How long things last in RDS. AWS documents few of these figures: each says where it is from, and an *estimate* says
 * that it is one. "guide" is the RDS User Guide, "API" the API reference, in their states of 2026.
 */

const seconds = (count: number) => count * 1000;
const minutes = (count: number) => seconds(60 * count);

interface Duration {
  /** Milliseconds, at time scale 1. */
  readonly milliseconds: number;
  readonly source: string;
  readonly estimate: boolean;
}

const documented = (milliseconds: number, source: string): Duration => ({
  milliseconds,
  source,
  estimate: false,
});
const estimate = (milliseconds: number, source: string): Duration => ({
  milliseconds,
  source,
  estimate: true,
});

export const DURATIONS = {
  create: estimate(
    minutes(8),
    'guide, "Creating and connecting to a PostgreSQL DB instance": "can take up to 20 minutes"; small ones take less',
  ),
  createReplica: estimate(minutes(8), 'no figure; like a creation: a snapshot is taken and restored'),
  restore: estimate(minutes(15), 'no figure; like a creation, and WAL is replayed'),
  backup: estimate(minutes(2), 'no figure; incremental, depends on what changed since the last one'),
  snapshot: estimate(minutes(2), 'no figure; as a backup'),
  promote: estimate(
    minutes(4),
    'guide, "Promoting a read replica": "can take several minutes or longer to complete"',
  ),
  reboot: estimate(
    seconds(60),
    'no figure; guide, "Rebooting a DB instance": depends on the crash recovery process; the outage is "momentary"',
  ),
  failover: documented(
    seconds(90),
    'guide, "Failing over a Multi-AZ DB instance": "typically 60-120 seconds"; the middle of it',
  ),
  identifier: estimate(
    seconds(30),
    'no figure; how long a renamed instance is still described by its old name',
  ),
  dns: documented(
    minutes(10),
    'guide, "Renaming a DB instance": "The new DNS name … becomes effective in about 10 minutes", not available till then',
  ),
  crashNotice: estimate(seconds(30), 'no figure; until RDS sees that a server has ended'),
  restart: estimate(seconds(60), 'no figure; as a reboot'),
  hostReplacement: estimate(
    minutes(5),
    'no figure for RDS; EC2 guide, "Replace impaired instances": a recovery moves to other hardware, minutes in practice',
  ),
  stop: estimate(minutes(5), 'guide, "Stopping a DB instance": "In some cases, a large amount of time"'),
  start: estimate(minutes(5), 'no figure; guide, "Starting a DB instance"'),
  stopped: documented(
    minutes(7 * 24 * 60),
    'guide, "Stopping a DB instance": at most seven days, then it starts; never scaled',
  ),
  delete: estimate(minutes(4), 'no figure; guide, "Deleting a DB instance": depends on the final snapshot'),
  modifyClass: estimate(minutes(8), 'no figure; guide, "Settings for DB instances": "an outage occurs"'),
  modifyMultiAz: estimate(minutes(10), 'no figure; a snapshot is taken and restored in another zone'),
  modifyStorage: estimate(
    minutes(6),
    'guide, "Working with storage": "takes a few minutes", without the optimization that follows',
  ),
  storageOptimization: estimate(
    minutes(180),
    'guide, "DB instance status": "usually short, but sometimes … up to and even beyond 24 hours"; yc-software/qm#1372: hours',
  ),
  storageCooldown: documented(
    minutes(360),
    'guide, "Working with storage": no further change "for either six (6) hours or until storage optimization has completed"',
  ),
  configure: estimate(seconds(60), 'no figure; hashicorp/terraform#8699 sees the status while it waits'),
  deletePrecheck: estimate(seconds(20), 'no figure; hashicorp/terraform-provider-aws#31109 sees the status'),
  renameBegins: estimate(
    seconds(20),
    'no figure; the answer says available, and the old name is described for a while (boto/boto3#609)',
  ),
  modifyRetention: estimate(seconds(60), 'no figure; API, ModifyDBInstance: "as soon as possible"'),
  modifyPassword: estimate(seconds(30), 'no figure; API, ModifyDBInstance: "as soon as possible"'),
  securityGroups: estimate(seconds(20), 'no figure; API: the status is "adding" until the group is in force'),
  parameters: estimate(
    seconds(20),
    'no figure; guide, "Parameter groups": dynamic parameters apply "immediately"; the status is "applying" meanwhile',
  ),
  archiveUpload: documented(
    minutes(5),
    'guide, "Restoring to a point in time": transaction logs are uploaded "every five minutes"',
  ),
} as const satisfies Record<string, Duration>;

export type Span = keyof typeof DURATIONS;

/** Milliseconds of a span; `scale` 1 is AWS, 0.1 ten times as fast, 0 at once. */
export const lasting = (span: Span, scale: number): number => DURATIONS[span].milliseconds * scale;

/** How often the service tries again when a database did not do what it was asked, and how long it waits. */
export const TRIES = 5;
export const RETRY_MILLISECONDS = seconds(5);
