/**
 * How many names of each kind the controller gives to databases: it takes the lowest number that is free. RDS makes the log groups of a name that it meets for the
 * first time by itself, keeps what is in them for ever, and a later deployment that makes them fails: so the template makes
 * the groups of all these names beforehand (lib/data), and no name is given without need that is not among them. Imported
 * from lib, and so nothing but numbers.
 */

/** `<name>-retired-1` … Old primaries are kept for days; after so many the lowest number is free again. */
export const RETIRED_NAMES = 20;

/**
 * `<name>-replica-1` … How many of these names may be in use when so many replicas are wanted: those, as many siblings that
 * they replace after a failover, the promoted one that still bears its name, and two that are being deleted.
 */
export const replicaNames = (wanted: number): number => 2 * wanted + 3;
