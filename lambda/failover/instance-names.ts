/**
 * How many names of each kind the controller gives to databases. RDS makes the log groups of a name that it meets for the
 * first time by itself, keeps what is in them for ever, and a later deployment that makes them fails: so the template makes
 * the groups of all these names beforehand (lib/data), and no name is given without need that is not among them. Imported
 * from lib, and so constants only.
 */

/** `<name>-retired-1` … Old primaries are kept for days; after so many the lowest number is free again. */
export const RETIRED_NAMES = 20;

/**
 * `<name>-replica-1` … At most 15 are wanted (RDS guide, "Working with DB instance read replicas"); while they replace
 * as many siblings after a failover, the promoted one still bears a name of theirs.
 */
export const REPLICA_NAMES = 2 * 15 + 1;
