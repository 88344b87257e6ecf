import type { Log } from '../../app/log';
import { type CustomResourceRequest, respond } from './respond';

/**
 * Does the work of a custom resource, and tells CloudFormation what became of it.
 *
 * @param physicalId the same for ever (respond.ts), unless `work` says another one when the resource is made
 * @param purpose completes "… failed: "; for people who read the deployment's events
 * @throws Error only when CloudFormation does not take the answer
 */
export async function answered(
  request: CustomResourceRequest,
  { physicalId, purpose, log }: { readonly physicalId: string; readonly purpose: string; readonly log: Log },
  work: () => Promise<string | undefined>,
): Promise<void> {
  const { id, failure } = await work().then(
    (made) => ({ id: made ?? physicalId, failure: undefined }),
    (error: unknown) => {
      log.error('the request failed', { request: request.RequestType, error });
      const why = (error as Partial<Error>).message || 'no reason given';
      return { id: physicalId, failure: `${purpose} failed: ${why}` };
    },
  );
  await respond(request, id, failure);
}
