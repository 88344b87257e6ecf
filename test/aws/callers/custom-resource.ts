/** Functions that CloudFormation calls: with what the template says to them, and its answer taken. */
import type { CustomResourceRequest } from '../../../lambda/custom-resource/respond';
import { type Answers, answersOf } from '../answers';
import { type Call, recordCalls } from '../recording';
import type { Site } from '../site';

type Handler = (request: CustomResourceRequest & { readonly ResourceType: string }) => Promise<unknown>;

/**
 * Creates, updates and deletes the custom resources of a type.
 *
 * @param answers instead of the usual ones
 * @throws Error when a request fails
 */
export async function driveCustomResource(
  caller: string,
  site: Site,
  type: string,
  handler: Handler,
  answers: Answers = {},
): Promise<readonly Call[]> {
  const { fetch } = globalThis;
  const failures: string[] = [];
  globalThis.fetch = (_, options) => {
    const { Status, Reason } = JSON.parse(String(options?.body)) as { Status: string; Reason?: string };
    if (Status !== 'SUCCESS') failures.push(Reason ?? 'no reason');
    return Promise.resolve(new Response());
  };
  try {
    const calls = await recordCalls(caller, answersOf(site, answers), async () => {
      for (const { part, id, properties } of site.resources(type)) {
        for (const RequestType of ['Create', 'Update', 'Delete'] as const) {
          await handler({
            RequestType,
            ResponseURL: 'https://cloudformation-custom-resource-response.s3.amazonaws.com/answer',
            StackId: site.stackId(part),
            RequestId: 'request-1',
            LogicalResourceId: id,
            ResourceType: type,
            ResourceProperties: properties,
          });
        }
      }
    });
    if (failures.length > 0) throw new Error(`${type}: ${failures.join('; ')}`);
    return calls;
  } finally {
    globalThis.fetch = fetch;
  }
}
