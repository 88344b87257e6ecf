/** Weekly maintenance and daily backup windows, in UTC: `ddd:hh24:mi-ddd:hh24:mi` and `hh24:mi-hh24:mi`. */
import {
  DAYS,
  MINUTES_A_DAY,
  MINUTES_A_WEEK,
  minuteOf,
  minutesOfDaily,
  minutesOfWeekly,
  overlap,
} from '../../../lambda/failover/decide/window';
import type { Core } from './core';
import { invalidParameterValue } from './errors';
import { random } from './identifiers';
import type { RdsState } from './state';

const MINUTE = 60_000;
/** API, PreferredMaintenanceWindow and PreferredBackupWindow: "Must be at least 30 minutes". */
const SHORTEST = 30;
/** 1970-01-01 was a Thursday: so many minutes after the midnight that begins Sunday. */
const EPOCH = minuteOf('thu:00:00');

/** A maintenance window of a whole day leaves no room for a daily backup: it is refused then. */
const MOST_DRAWS = 1_000;

const TIME = '([01]\\d|2[0-3]):[0-5]\\d';
const DAY_AND_TIME = `(${DAYS.join('|')}):${TIME}`;
const DAILY = new RegExp(`^${TIME}-${TIME}$`);
const WEEKLY = new RegExp(`^${DAY_AND_TIME}-${DAY_AND_TIME}$`);

/** @throws RdsError InvalidParameterValue */
export function backupWindow(value: string): string {
  const window = value.toLowerCase();
  if (!DAILY.test(window)) throw invalidParameterValue(`Invalid backup window format: ${value}`);
  if (minutesOfDaily(window) < SHORTEST) {
    throw invalidParameterValue('The backup window must be at least 30 minutes.');
  }
  return window;
}

/** Its form, whatever the days and times are. */
const SOME_WEEKLY = /^\w{3}:\d\d:\d\d-\w{3}:\d\d:\d\d$/;

/** @throws RdsError InvalidParameterValue, in the words that moto knows of AWS (moto/rds/utils.py) */
export function maintenanceWindow(value: string): string {
  const window = value.toLowerCase();
  if (!WEEKLY.test(window)) {
    throw invalidParameterValue(
      SOME_WEEKLY.test(value)
        ? `Invalid day:hour:minute value: ${value}`
        : `Invalid maintenance window format: ${value}. Should be specified as a range ddd:hh24:mi-ddd:hh24:mi ` +
            '(24H Clock UTC). Example: Sun:23:45-Mon:00:15',
    );
  }
  const length = minutesOfWeekly(window);
  if (length < SHORTEST) throw invalidParameterValue('The maintenance window must be at least 30 minutes.');
  if (length > MINUTES_A_DAY) throw invalidParameterValue('Maintenance window must be less than 24 hours.');
  return window;
}

/** @throws RdsError InvalidParameterValue (terraform-provider-aws#49828) */
export function mustNotOverlap(backup: string, maintenance: string): void {
  if (overlap(backup, maintenance)) {
    throw invalidParameterValue('The backup window and maintenance window must not overlap.');
  }
}

const beginOf = (window: string): number => minuteOf(window.split('-')[0]!);

/** When the window opens next, after `now`. Milliseconds since 1970. */
export const nextBackup = (window: string, now: number): number => next(beginOf(window), MINUTES_A_DAY, now);

/** When the window opens next, after `now`. Milliseconds since 1970. */
export const nextMaintenance = (window: string, now: number): number =>
  next(beginOf(window) - EPOCH, MINUTES_A_WEEK, now);

/** @param offset minutes after 1970 began, or before, of one of the times that come again each `period` */
function next(offset: number, period: number, now: number): number {
  const first = offset * MINUTE;
  const length = period * MINUTE;
  return first + (Math.floor((now - first) / length) + 1) * length;
}

const clockTime = (minute: number) =>
  `${String(Math.floor(minute / 60) % 24).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** Thirty minutes between 03:00 and 11:00, which is the block of us-east-1 (guide, "Backup window"). */
function someBackupWindow(state: RdsState): string {
  const minute = 180 + Math.floor(random(state) * 450);
  return `${clockTime(minute)}-${clockTime(minute + 30)}`;
}

interface Windows {
  readonly backupWindow: string;
  readonly maintenanceWindow: string;
}

/**
 * Of a new instance; what is not given is chosen at random.
 * @throws RdsError InvalidParameterValue for a window that is none, and for two that overlap
 */
export function newWindows(
  core: Core,
  given: { readonly PreferredBackupWindow?: string; readonly PreferredMaintenanceWindow?: string } = {},
): Windows {
  const { state, answers } = core;
  const backup = given.PreferredBackupWindow && backupWindow(given.PreferredBackupWindow);
  const maintenance = given.PreferredMaintenanceWindow && maintenanceWindow(given.PreferredMaintenanceWindow);
  const draw = (): Windows => ({
    backupWindow: backup || someBackupWindow(state),
    maintenanceWindow: maintenance || someMaintenanceWindow(state),
  });
  // Where both are RDS's choice, it chooses well.
  const isLeftAlone = !backup && !maintenance;
  const windows = isLeftAlone || answers.windowAtRandom === 'never overlaps' ? apart(draw) : draw();
  mustNotOverlap(windows.backupWindow, windows.maintenanceWindow);
  return windows;
}

/** With this backup window, which nobody asked for. */
export const windowsBeside = ({ state }: Core, backup: string): Windows =>
  apart(() => ({ backupWindow: backup, maintenanceWindow: someMaintenanceWindow(state) }));

/** The first that do not overlap; after many draws there are none. */
function apart(draw: () => Windows): Windows {
  let windows = draw();
  for (
    let draws = 1;
    draws < MOST_DRAWS && overlap(windows.backupWindow, windows.maintenanceWindow);
    draws++
  ) {
    windows = draw();
  }
  return windows;
}

/** Thirty minutes in the block of us-east-1, on any day. */
function someMaintenanceWindow(state: RdsState): string {
  const day = DAYS[Math.floor(random(state) * 7)]!;
  const minute = 180 + Math.floor(random(state) * 450);
  return `${day}:${clockTime(minute)}-${day}:${clockTime(minute + 30)}`;
}
