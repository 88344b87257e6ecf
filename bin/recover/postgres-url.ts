/** `postgres://user@host:port/db?sslmode=…` → a server, as careful as libpq's strictest mode when nothing else is said. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { userInfo } from 'node:os';
import type { Server } from '../../lambda/recovery/connect';
import { UsageFailure, remedy } from '../../lib/terminal/usage';
import { passwordOf } from './passwords';

const OPTIONS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'host', 'port'];
const MODES = ['verify-full', 'verify-ca', 'disable'];

/**
 * @param option `--old`
 * @param env where passwords are, and who is meant when the URL names nobody
 * @throws UsageFailure with a sentence; it never repeats a password
 */
export function serverOf(
  option: string,
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): Server {
  const url = urlOf(option, text);
  const wanted = Object.fromEntries(url.searchParams);
  const strange = Object.keys(wanted).find((name) => !OPTIONS.includes(name));
  if (strange !== undefined) {
    throw new UsageFailure(`${option}: "${strange}" in the URL is not known: ${remedy(strange, OPTIONS)}`);
  }
  const host = wanted['host'] ?? decoded(url.hostname.replace(/^\[|\]$/g, ''));
  if (host === '')
    throw new UsageFailure(`${option}: the URL names no host: postgres://USER@HOST:PORT/DATABASE.`);
  const port = Number(wanted['port'] ?? (url.port || 5432));
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new UsageFailure(`${option}: port ${wanted['port']} is not a whole number from 1 to 65535.`);
  }
  const database = decoded(url.pathname.slice(1));
  if (database === '') {
    throw new UsageFailure(`${option}: the URL names no database: postgres://USER@HOST:PORT/DATABASE.`);
  }
  const ssl = encryption(option, host, wanted);
  const user = decoded(url.username) || env['PGUSER'] || userInfo().username;
  const password = passwordOf({ host, port, database, user }, env);
  return {
    ...{ host, port, database, user },
    ...(password !== undefined && { password }),
    name: `${host}:${port}`,
    ...(ssl && { ssl }),
  };
}

function urlOf(option: string, text: string): URL {
  const hint = `${option} takes postgres://USER@HOST:PORT/DATABASE`;
  // A socket's folder stands in `host=`; a URL without host is none to this parser.
  const spelled = text.replace(/^(postgres(?:ql)?:\/\/(?:[^/?#@]*@)?)(?=\/)/, '$1socket');
  if (!URL.canParse(spelled)) throw new UsageFailure(`${hint}; what was given is no URL.`);
  const url = new URL(spelled);
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    throw new UsageFailure(`${hint}, and not ${url.protocol}//.`);
  }
  if (url.password !== '' || url.searchParams.has('password')) {
    throw new UsageFailure(
      `${option}: no password in the URL, as everybody on this machine can read command lines: give it by PGPASSWORD or in ~/.pgpass. This one should be changed now.`,
    );
  }
  if (spelled !== text) url.hostname = '';
  if (spelled !== text && !url.searchParams.has('host')) {
    throw new UsageFailure(`${option}: the URL names no host: postgres://USER@HOST:PORT/DATABASE.`);
  }
  return url;
}

function encryption(option: string, host: string, wanted: Record<string, string>): Server['ssl'] {
  const mode = wanted['sslmode'] ?? (isHere(host) ? 'disable' : 'verify-full');
  if (!MODES.includes(mode)) {
    const why = ['allow', 'prefer', 'require', 'no-verify'].includes(mode)
      ? 'it does not look who answers'
      : 'not known';
    throw new UsageFailure(`${option}: sslmode=${mode}: ${why}; take ${MODES.join(', ')}.`);
  }
  if (mode === 'disable') return undefined;
  const file = (name: string) => {
    const path = wanted[name];
    return path === undefined || path === 'system' ? undefined : contentOf(option, name, path);
  };
  const [ca, cert, key] = [file('sslrootcert'), file('sslcert'), file('sslkey')];
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(mode === 'verify-ca' && { checkServerIdentity: () => undefined }),
  };
}

/** This machine itself: nobody listens in between. */
const isHere = (host: string): boolean =>
  host.startsWith('/') ||
  host === 'localhost' ||
  host === '::1' ||
  (isIP(host) === 4 && host.startsWith('127.'));

function contentOf(option: string, name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageFailure(`${option}: ${name}=${path} cannot be read: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
