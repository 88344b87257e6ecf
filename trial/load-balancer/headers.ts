/** The headers that a load balancer adds. */
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Hop {
  /** Of the client's connection. */
  readonly remoteAddress: string;
  readonly protocol: 'http' | 'https';
  /** The listener's, as deployed. */
  readonly port: number;
}

/**
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html: the client's address is
 * appended to the list that it may have sent itself; protocol and port are the listener's alone.
 */
export const forwardedHeaders = (
  headers: IncomingHttpHeaders,
  { remoteAddress, protocol, port }: Hop,
): Record<string, string> => {
  const client = remoteAddress.replace(/^::ffff:/, '');
  const before = headers['x-forwarded-for'];
  return {
    'x-forwarded-for': before ? `${String(before)}, ${client}` : client,
    'x-forwarded-proto': protocol,
    'x-forwarded-port': String(port),
    'x-amzn-trace-id': traceId(headers['x-amzn-trace-id']),
  };
};

/**
 * A new Root, or Self before what the client has sent.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
 */
export function traceId(given: string | string[] | undefined, now = Date.now()): string {
  const seconds = Math.floor(now / 1000).toString(16);
  const id = `1-${seconds.padStart(8, '0')}-${randomBytes(12).toString('hex')}`;
  const before = String(given ?? '');
  if (before === '') return `Root=${id}`;
  return /(^|;)\s*Root=/.test(before) ? `Self=${id};${before}` : `Root=${id};${before}`;
}

/** "HTTP headers with header fields that are not valid": names of anything but letters, digits and hyphens. */
export const invalidNames = (headers: IncomingHttpHeaders): string[] =>
  Object.keys(headers).filter((name) => !/^[-A-Za-z0-9]+$/.test(name));
