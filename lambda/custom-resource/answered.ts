import type { Log } from '../../app/log';
import { type CustomResourceRequest, respond } from './respond';

/**
 * Does the work of a custom resource, and tells CloudFormation what became of it.
 *
 * @param physicalId the same for ever (respond.ts)
 * @param purpose completes "… failed: "; for people who read the deployment's events
 * @throws Error only when CloudFormation does not take the answer
 */
export async function answered(
  request: CustomResourceRequest,
  { physicalId, purpose, log }: { readonly physicalId: string; readonly purpose: string; readonly log: Log },
  work: () => Promise<void>,
): Promise<void> {
  const failure = await work().then(
    () => undefined,
    (error: unknown) => {
      log.error('the request failed', { request: request.RequestType, error });
      return `${purpose} failed: ${(error as Partial<Error>).message || 'no reason given'}`;
    },
  );
  await respond(request, physicalId, failure);
}
