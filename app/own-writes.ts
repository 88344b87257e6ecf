/** What a visitor wrote, the same visitor reads: the write's position travels with the visitor. */
import type { Answer } from './answer';
import { databaseLabel } from './database/counts';
import type { Outcome, Written } from './database/database';
import type { Position } from './database/position';
import { formatPosition, laterOf, parsePosition } from './database/position';
import type { SiteRequest } from './request';

/** For API clients, which keep no cookies: sent with a write's answer, to be sent back with reads. */
export const WRITTEN_HEADER = 'x-written-at';

const COOKIE = 'written_at';

/**
 * Longer than any replica may lag before the controller takes it out of the reader name. It may well
 * be: a replica that has caught up serves its bearer like anybody else.
 */
const COOKIE_SECONDS = 300;

/** @returns the latest position that the request bears; what is none is ignored, as anybody can send anything */
export function writtenBefore({ headers }: Pick<SiteRequest, 'headers'>): Position | undefined {
  const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  const sent = [
    headers[WRITTEN_HEADER],
    ...cookies.filter((one) => one.startsWith(`${COOKIE}=`)).map((one) => one.slice(COOKIE.length + 1)),
  ];
  return sent
    .map((text) => (typeof text === 'string' ? parsePosition(text) : undefined))
    .reduce((latest, position) => (position ? laterOf(position, latest) : latest), undefined);
}

/** Says which database answered, by its identifier. */
export const readFrom = (answer: Answer, { host }: Pick<Outcome<unknown>, 'host'>): Answer => ({
  ...answer,
  headers: { ...answer.headers, 'x-database': databaseLabel(host) },
});

/** Gives the position to the one who wrote, and says which database took it. */
export function writtenTo(
  answer: Answer,
  { headers }: Pick<SiteRequest, 'headers'>,
  { position, host }: Pick<Written<unknown>, 'position' | 'host'>,
): Answer {
  const text = formatPosition(position);
  // The load balancer ends TLS: only its header tells whether the visitor came by https.
  const secure = headers['x-forwarded-proto'] === 'https' ? '; Secure' : '';
  const cookie = `${COOKIE}=${text}; Path=/; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Lax${secure}`;
  const { headers: before, ...rest } = readFrom(answer, { host });
  return { ...rest, headers: { ...before, [WRITTEN_HEADER]: text, 'set-cookie': cookie } };
}
