/** What a handler may ask of a request: body, fields, where it came from. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Refusal } from './answer';

export interface SiteRequest {
  readonly method: string;
  /** Without the query; not decoded, as no route has anything to decode. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Reads the body, once. @throws Refusal 413 past the limit */
  readonly body: () => Promise<Buffer>;
}

/** The longest note, each character as a form or JSON spells it at worst (nine bytes or six), and room. */
const BODY_LIMIT_BYTES = 32 * 1024;

export function siteRequest(message: IncomingMessage): SiteRequest {
  const [path = '', query = ''] = splitOnce(message.url ?? '/', '?');
  return {
    method: message.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers: message.headers,
    body: () => readBody(message),
  };
}

const splitOnce = (text: string, separator: string): string[] => {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
};

/** Answered at once: what is still on its way is not read, hence the connection ends. */
const tooLarge = () =>
  new Refusal(413, `The body is longer than ${BODY_LIMIT_BYTES} bytes`, { connection: 'close' });

async function readBody(message: IncomingMessage): Promise<Buffer> {
  if (Number(message.headers['content-length'] ?? 0) > BODY_LIMIT_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Not destroyed on an early exit: the answer still has to go out on the same socket.
  for await (const chunk of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @throws Refusal 415, 413, or 400 when the text is no JSON in UTF-8 */
export async function readJson(request: SiteRequest): Promise<unknown> {
  requireType(request, 'application/json');
  const body = await request.body();
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Refusal(400, 'The body is no JSON in UTF-8');
  }
}

/** @throws Refusal 415 or 413 */
export async function readForm(request: SiteRequest): Promise<Record<string, string>> {
  requireType(request, 'application/x-www-form-urlencoded');
  return Object.fromEntries(new URLSearchParams((await request.body()).toString()));
}

function requireType({ headers }: SiteRequest, type: string): void {
  const given = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (given !== type) throw new Refusal(415, `The content type must be ${type}`, { accept: type });
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    throw new Refusal(415, 'The body must not be compressed', { 'accept-encoding': 'identity' });
}

/**
 * Whether a request that changes something may have been caused by another site (CSRF).
 * A current browser says so in Sec-Fetch-Site; one without it, or on plain HTTP, sends Origin. A
 * request with neither is no browser's, and no cookie or login can be abused through it.
 * https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
 */
export function isCrossSite(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin, host } = headers;
  if (origin === undefined) return false;
  // The scheme is left out: behind the load balancer the server does not see https.
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

/**
 * The version that a change is meant for, from If-Match: "3" → 3.
 * @returns undefined when any will do, 0 when none can match (versions begin at 1)
 */
export function wantedVersion({ headers }: SiteRequest): number | undefined {
  const tag = headers['if-match']?.trim();
  if (tag === undefined || tag === '*') return undefined;
  return Number(/^"(\d{1,9})"$/.exec(tag)?.[1] ?? 0);
}
