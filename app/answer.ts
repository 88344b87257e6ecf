/** What a handler answers, as plain data: the server turns it into bytes. */
import type { Problem } from './note-input';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A browser that is shown JSON by mistake can do nothing with it. */
const JSON_POLICY = "default-src 'none'; frame-ancestors 'none'";

export const json = (status: number, value: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: {
    'content-type': 'application/json; charset=utf-8',
    'content-security-policy': JSON_POLICY,
    // Kept, but asked for again each time: with the ETag that costs a 304 at most.
    'cache-control': 'no-cache',
    ...headers,
  },
  body: `${JSON.stringify(value)}\n`,
});

export const html = (
  status: number,
  page: string,
  policy: string,
  headers: Record<string, string> = {},
): Answer => ({
  status,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'cache-control': 'no-cache',
    ...headers,
  },
  body: page,
});

export const empty = (status: number, headers: Record<string, string> = {}): Answer => ({
  status,
  headers,
  body: '',
});

/** After a form: 303 turns the POST into a GET, so that reloading the page sends nothing twice. */
export const seeOther = (location: string): Answer => empty(303, { location });

/** A refusal: thrown anywhere below a handler, answered as JSON or as a page. Its message is for the client. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
    readonly problems?: readonly Problem[],
  ) {
    super(message);
    this.name = 'Refusal';
  }
}

export const refusalAsJson = ({ status, message, problems, headers }: Refusal): Answer =>
  json(status, { error: message, problems }, { 'cache-control': 'no-store', ...headers });
