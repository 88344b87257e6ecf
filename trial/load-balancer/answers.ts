/** What the load balancer answers itself. */
import type { ServerResponse } from 'node:http';
import type { Action } from './deployed';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html */
const TITLES = {
  502: '502 Bad Gateway',
  503: '503 Service Temporarily Unavailable',
  504: '504 Gateway Time-out',
} as const;

export type ErrorStatus = keyof typeof TITLES;

/** The page as an Application Load Balancer sends it. */
export const errorPage = (status: ErrorStatus): string =>
  [
    '<html>',
    `<head><title>${TITLES[status]}</title></head>`,
    '<body>',
    `<center><h1>${TITLES[status]}</h1></center>`,
    '</body>',
    '</html>',
    '',
  ].join('\r\n');

export function answerError(response: ServerResponse, status: ErrorStatus): void {
  if (response.headersSent) return void response.destroy(); // too late: half an answer must not look like a whole one
  const body = errorPage(status);
  response.writeHead(status, {
    server: 'awselb/2.0',
    'content-type': 'text/html',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** The same on the raw connection of a request for an upgrade. */
export const rawError = (status: ErrorStatus): string =>
  `HTTP/1.1 ${TITLES[status]}\r\nserver: awselb/2.0\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;

/** What a request says that a redirect may repeat. */
export interface Asked {
  readonly protocol: string;
  /** Without port. */
  readonly host: string;
  readonly port: number;
  /** With the query, as in the request line. */
  readonly url: string;
}

/**
 * The Location of a redirect.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html: the port is left out where
 * it is the protocol's own.
 */
export function locationOf(action: Extract<Action, { kind: 'redirect' }>, asked: Asked): string {
  const at = asked.url.indexOf('?');
  const values: Record<string, string> = {
    protocol: asked.protocol,
    host: asked.host,
    port: String(asked.port),
    path: (at < 0 ? asked.url : asked.url.slice(0, at)).replace(/^\//, ''),
    query: at < 0 ? '' : asked.url.slice(at + 1),
  };
  const filled = (text: string) =>
    text.replace(/#\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  const protocol = filled(action.protocol).toLowerCase();
  const port = filled(action.port);
  const query = filled(action.query);
  const isUsual = port === (protocol === 'https' ? '443' : '80');
  return `${protocol}://${filled(action.host)}${isUsual ? '' : `:${port}`}${filled(action.path)}${query && `?${query}`}`;
}
