/** Errors with which a server answers instead of doing what it is asked for (PostgreSQL manual, appendix A). */
import { notReached } from '../../lambda/failover/postgres/unreached';
import type { Unreached } from '../../lambda/failover/observation';

/** By SQLSTATE: what it says, and whether only new connections meet it, or every statement. */
const ERRORS = {
  '53300': { says: 'sorry, too many clients already', meets: 'connections' },
  '57P03': { says: 'the database system is not accepting connections', meets: 'connections' },
  '57014': { says: 'canceling statement due to statement timeout', meets: 'statements' },
  '53100': { says: 'could not extend file: No space left on device', meets: 'statements' },
  '53200': { says: 'out of memory', meets: 'statements' },
  '58030': { says: 'could not read block: Input/output error', meets: 'statements' },
  '0A000': { says: 'cannot use serializable mode in a hot standby', meets: 'statements' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

export const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[];

export const isOfStatements = (code: ErrorCode): boolean => ERRORS[code].meets === 'statements';

/** What the controller's own adapter makes of it. */
export function unreachedBy(host: string, code: ErrorCode): Unreached {
  const { why, message } = notReached(Object.assign(new Error(ERRORS[code].says), { code }), 1);
  return { reached: false, why, message: `${host}: ${message}` };
}
