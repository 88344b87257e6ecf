/** Weekly maintenance and daily backup windows, in UTC: `ddd:hh24:mi-ddd:hh24:mi` and `hh24:mi-hh24:mi`. */
import { invalidParameterValue } from './errors';
import { random } from './identifiers';
import type { RdsState } from './state';

const MINUTE = 60_000;
const DAY = 24 * 60;
const WEEK = 7 * DAY;
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** API, PreferredMaintenanceWindow and PreferredBackupWindow: "Must be at least 30 minutes". */
const SHORTEST = 30;
/** 1970-01-01 was a Thursday. */
const EPOCH_WEEKDAY = 4;

const TIME = '([01]\\d|2[0-3]):([0-5]\\d)';
const DAILY = new RegExp(`^${TIME}-${TIME}$`);
const WEEKLY = new RegExp(`^(${DAYS.join('|')}):${TIME}-(${DAYS.join('|')}):${TIME}$`);

const minuteOf = (hours: string, minutes: string) => Number(hours) * 60 + Number(minutes);

/** @throws RdsError InvalidParameterValue */
export function backupWindow(value: string): string {
  const match = value.toLowerCase().match(DAILY);
  if (!match) throw invalidParameterValue(`Invalid backup window format: ${value}`);
  const [, h1, m1, h2, m2] = match as unknown as [string, string, string, string, string];
  if ((minuteOf(h2, m2) - minuteOf(h1, m1) + DAY) % DAY < SHORTEST) {
    throw invalidParameterValue('The backup window must be at least 30 minutes.');
  }
  return match[0];
}

/** @throws RdsError InvalidParameterValue */
export function maintenanceWindow(value: string): string {
  const match = value.toLowerCase().match(WEEKLY);
  if (!match) throw invalidParameterValue(`Invalid maintenance window format: ${value}`);
  const [, d1, h1, m1, d2, h2, m2] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const begin = DAYS.indexOf(d1) * DAY + minuteOf(h1, m1);
  const end = DAYS.indexOf(d2) * DAY + minuteOf(h2, m2);
  const length = (end - begin + WEEK) % WEEK;
  if (length < SHORTEST || length > DAY) {
    throw invalidParameterValue('The maintenance window must be between 30 minutes and 24 hours.');
  }
  return match[0];
}

/** When the window opens next, after `now`. Milliseconds since 1970. */
export function nextBackup(window: string, now: number): number {
  const [, hours, minutes] = window.match(DAILY) as unknown as [string, string, string];
  return next(minuteOf(hours, minutes), DAY, now);
}

/** When the window opens next, after `now`. Milliseconds since 1970. */
export function nextMaintenance(window: string, now: number): number {
  const [, day, hours, minutes] = window.match(WEEKLY) as unknown as [string, string, string, string];
  const weekday = (DAYS.indexOf(day) - EPOCH_WEEKDAY + 7) % 7;
  return next(weekday * DAY + minuteOf(hours, minutes), WEEK, now);
}

function next(offset: number, period: number, now: number): number {
  const first = offset * MINUTE;
  const length = period * MINUTE;
  return first + (Math.floor((now - first) / length) + 1) * length;
}

const clockTime = (minute: number) =>
  `${String(Math.floor(minute / 60) % 24).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** Thirty minutes between 03:00 and 11:00, which is the block of us-east-1 (guide, "Backup window"). */
export function someBackupWindow(state: RdsState): string {
  const minute = 180 + Math.floor(random(state) * 450);
  return `${clockTime(minute)}-${clockTime(minute + 30)}`;
}

/** Thirty minutes in the block of us-east-1, on any day, and not during the backup. */
export function someMaintenanceWindow(state: RdsState, backup: string): string {
  const day = DAYS[Math.floor(random(state) * 7)]!;
  const [, hours, minutes] = backup.match(DAILY) as unknown as [string, string, string];
  const minute = (minuteOf(hours, minutes) + 60 + Math.floor(random(state) * 240)) % (DAY - 60);
  return `${day}:${clockTime(minute)}-${day}:${clockTime(minute + 30)}`;
}
