/** What went wrong with a call to AWS, in a sentence for people. */
import { Failure } from '../../lib/terminal/failure';
import type { Site } from './site';

/**
 * @param what completes "the credentials may not …": `read table T`
 * @throws Failure
 */
export async function explained<T>(site: Site, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(sentenceOf(error, site, what), { cause: error });
  }
}

const MISSING = /^(CredentialsProviderError|MissingAuthenticationToken)/;
const EXPIRED =
  /^(ExpiredToken|RequestExpired|TokenProviderError|TokenRefreshRequired|UnauthorizedException)/;
const STRANGE =
  /^(UnrecognizedClient|InvalidClientTokenId|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|InvalidAccessKeyId|AuthFailure)/;
const DENIED = /^(AccessDenied|UnauthorizedOperation|NotAuthorized|AuthorizationError)/;

function sentenceOf(thrown: unknown, site: Site, what: string): string {
  const error = causeOf(thrown);
  const { name, message } = error;
  const { region, stack, trial } = site;
  if (/expired/i.test(message) || EXPIRED.test(name)) {
    return 'The AWS credentials have expired: log in again (aws sso login), then repeat the command.';
  }
  if (MISSING.test(name)) {
    return `There are no AWS credentials here: log in (aws sso login), or name a profile (AWS_PROFILE=…), then repeat the command. (${first(message)})`;
  }
  if (STRANGE.test(name)) return `AWS does not accept the credentials: ${first(message)}.`;
  if (DENIED.test(name)) return `The credentials may not ${what}: ${first(message)}.`;
  if (name === 'ValidationError' && /does not exist/.test(message)) {
    return `There is no stack ${stack} in ${trial ? "the trial's AWS" : region}: deploy it first, or say which site is meant, such as -c env=prod.`;
  }
  if (/^ResourceNotFound/.test(name)) {
    return `Could not ${what}: it is not there, though an output of stack ${stack} names it. Deploy the stack again.`;
  }
  if (trial && isUnreachable(error)) {
    return `The trial's AWS does not answer at ${trial.endpoint}: wait a moment, or start it anew with npm start.`;
  }
  if (isUnreachable(error)) return `AWS cannot be reached in ${region}: ${first(message) || name}.`;
  return `Could not ${what}: ${name}: ${first(message)}.`;
}

interface Named {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}

/** The controller's adapters wrap what the SDK throws. */
function causeOf(thrown: unknown): Named {
  const error = (thrown ?? {}) as Partial<Error> & { code?: string };
  if (error.name === 'CallFailed' && error.cause) return causeOf(error.cause);
  return { name: error.name ?? 'Error', message: error.message ?? String(thrown), code: error.code };
}

const isUnreachable = ({ name, code = '', message }: Named): boolean =>
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE)$/.test(code) ||
  /^(TimeoutError|AbortError|NetworkingError)$/.test(name) ||
  (name === 'CallFailed' && /: timeout: /.test(message));

/** Of what AWS says, the first line, without its full stop. */
const first = (message: string): string => (message.split('\n')[0] ?? '').trim().replace(/\.$/, '');
