/** From a request to an answer, whatever happens on the way: pure but for the handlers it calls. */
import { createHash } from 'node:crypto';
import type { Answer } from './answer';
import { empty, Refusal, refusalAsJson } from './answer';
import { DatabaseUnavailable } from './database/errors';
import type { Log } from './log';
import type { PageSettings } from './pages';
import { refusalAsPage } from './pages';
import type { SiteRequest } from './request';
import { isCrossSite } from './request';

const CHANGING = ['POST', 'PUT', 'DELETE', 'PATCH'];

/** A failover takes a minute or two, a blip a second: early and often is right for people. */
const RETRY_SECONDS = '5';

/** What an error means to the client. Nothing of an unexpected error is told. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof DatabaseUnavailable)
    return new Refusal(503, 'The notes cannot be reached just now, please try again in a moment', {
      'retry-after': RETRY_SECONDS,
    });
  return new Refusal(500, 'Something went wrong here');
}

/** @param route throws Refusal or anything else */
export async function respond(
  request: SiteRequest,
  route: (request: SiteRequest) => Promise<Answer>,
  settings: PageSettings,
  log: Log,
): Promise<Answer> {
  try {
    if (CHANGING.includes(request.method) && isCrossSite(request.headers))
      throw new Refusal(403, 'This request was made by another site');
    return named(settings, conditional(request, await route(request)));
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal.status >= 500) {
      const at = { method: request.method, path: request.path, error };
      if (refusal.status === 500) log.error('request failed', at);
      else log.warn('request without database', at);
    }
    const forPerson = !request.path.startsWith('/api/') && request.headers.accept?.includes('text/html');
    return named(settings, forPerson ? refusalAsPage(settings, refusal) : refusalAsJson(refusal));
  }
}

/** Says which server answered, for whoever measures how evenly the load is spread. */
const named = ({ server }: PageSettings, answer: Answer): Answer => ({
  ...answer,
  headers: { 'x-server': server.id, ...answer.headers },
});

/** Adds an ETag where there is none, and answers 304 to who has it already. */
function conditional({ method, headers }: SiteRequest, answer: Answer): Answer {
  if ((method !== 'GET' && method !== 'HEAD') || answer.status !== 200) return answer;
  if (answer.headers['cache-control'] === 'no-store') return answer;
  const digest = createHash('sha256').update(answer.body).digest('base64url').slice(0, 22);
  const etag = answer.headers.etag ?? `W/"${digest}"`;
  const weakly = (tag: string) => tag.trim().replace(/^W\//, '');
  const known = headers['if-none-match'];
  const isKnown = known?.trim() === '*' || known?.split(',').some((tag) => weakly(tag) === weakly(etag));
  const extra = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => name.startsWith('x-')));
  const kept = { ...answer.headers, etag };
  return isKnown ? empty(304, { ...extra, etag, 'cache-control': 'no-cache' }) : { ...answer, headers: kept };
}
