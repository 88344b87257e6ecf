/** What went wrong, in a sentence for people. */
import { sqlState } from '../../app/database/errors';
import type { Server } from '../../lambda/recovery/connect';
import { Problem } from '../../lambda/recovery/problem';
import { LostConnection } from '../../lambda/recovery/session';
import { Failure } from '../../lib/terminal/failure';

const PASSWORDS = 'by PGPASSWORD, or in ~/.pgpass (mode 0600) with a line HOST:PORT:DATABASE:USER:PASSWORD';

/** @returns a Failure where the cause is one that people can do something about */
export function asFailure(error: unknown): unknown {
  if (error instanceof Failure) return error;
  const options = { cause: error };
  const { message } = error as Error;
  if (error instanceof Problem) return new Failure(message, options);
  if (error instanceof LostConnection) {
    return new Failure(
      `The connection is lost: ${finished(message)} What was not committed is undone.`,
      options,
    );
  }
  const state = sqlState(error);
  if (state === undefined) return error;
  if (state === '42501') {
    return new Failure(
      `PostgreSQL refuses: ${finished(message)} Take a role that may do this: "recovery" of prepare-database, or the databases' master user.`,
      options,
    );
  }
  return new Failure(`PostgreSQL refuses: ${message} (SQLSTATE ${state}).`, options);
}

/**
 * Why a server could not be reached, or does not let somebody in.
 * @param role what it was given as: `--old`
 */
export function refusedBy({ host, port, user, database }: Server, role: string, error: unknown): Failure {
  const where = `${host}:${port} (${role})`;
  return new Failure(sentence(), { cause: error });

  function sentence(): string {
    const state = sqlState(error);
    const message = (error as Error).message.replace(`${host}:${port}: `, '');
    if (state === '28P01')
      return `${where} does not let ${user} in: ${message}. Give the password ${PASSWORDS}.`;
    if (/client password must be a string/.test(message))
      return `${where} asks ${user} for a password: give it ${PASSWORDS}.`;
    if (state === '3D000') return `${where} has no database "${database}": name the site's in the URL.`;
    if (state?.startsWith('28'))
      return `${where} does not let ${user} in: ${message}. Take another role, or admit it in pg_hba.conf.`;
    if (state === '57P03')
      return `${where} is starting or stopping: ${message}. Wait until it takes connections.`;
    if (state === '53300') return `${where} has no connection left: ${message}.`;
    if (/certificate|self.signed|CERT_|altname/i.test(message)) {
      return `${where} cannot prove who it is: ${message}. Give its authorities by sslrootcert=FILE in the URL, and the name that is in its certificate as host.`;
    }
    if (/does not support SSL/i.test(message))
      return `${where} has no TLS; add sslmode=disable to the URL only if nobody can listen in between.`;
    if (state !== undefined) return `${where} refuses: ${message} (SQLSTATE ${state}).`;
    return `Nobody answers at ${where}: ${message}. Look at host and port, and whether this machine may reach it.`;
  }
}

const finished = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
