/** What a failed connection or statement says of a server. */
import { sqlState } from '../../../app/database/errors';
import type { Unreached } from '../observation';

type Why = Unreached['why'];

/** Nobody could be asked. Its message holds no secret. */
export class NotReached extends Error {
  override readonly name = 'NotReached';
  constructor(
    readonly why: Why,
    message: string,
    options?: ErrorOptions,
    /** It may yet answer: our time was over first. */
    readonly isLate = false,
  ) {
    super(message, options);
  }
}

/**
 * A server that sends an SQLSTATE lives, whatever is wrong with it. Only these say that it is not there for anybody:
 * shut down by an operator, crashed, cannot connect now (https://www.postgresql.org/docs/17/errcodes-appendix.html).
 */
const STARTING = /^57P0[123]$/;

/** Node's and OpenSSL's codes for a certificate that is not taken (tls.html, "X509 certificate error codes"). */
const CERTIFICATE =
  /^(ERR_TLS_CERT_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH|PATH_LENGTH_)/;
/** TLS that both sides speak and do not agree on: somebody is there. */
const TLS = /^(EPROTO$|ERR_SSL_)/;
const NO_TLS = 'The server does not support SSL connections';

/** Ended by the other side: by a reset, or by an end where more was awaited. */
const ENDED = ['ECONNRESET', 'EPIPE'];
const ENDED_MESSAGE = /^Connection terminated/;

/**
 * @param bytesRead how much the server has said on this connection: when it is nothing, and the connection was ended,
 *   nobody was there to speak
 */
export function notReached(error: unknown, bytesRead: number): NotReached {
  if (error instanceof NotReached) return error;
  const { code = '', message } = error as { code?: string; message: string };
  const state = sqlState(error);
  const told = code === '' || message.includes(code) ? message : `${code}: ${message}`;
  const is = (why: Why) => new NotReached(why, told, { cause: error });
  if (state !== undefined) return is(STARTING.test(state) ? 'starting' : 'rejected');
  if (code === 'ECONNREFUSED') return is('refused');
  if (bytesRead === 0 && (ENDED.includes(code) || ENDED_MESSAGE.test(message))) return is('refused');
  if (CERTIFICATE.test(code) || TLS.test(code) || message === NO_TLS) return is('rejected');
  return is('silent');
}
