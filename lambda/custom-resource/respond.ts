/** Answers CloudFormation, which waits for a custom resource's word at a URL of its own. */
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What is read of CloudFormation's request.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
 */
export interface CustomResourceRequest {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  /** Presigned; whoever knows it may answer. */
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  /** Absent when the resource is made. */
  readonly PhysicalResourceId?: string;
  /** As the template has them, numbers and truth values as texts. */
  readonly ResourceProperties?: object;
}

/** The whole answer may be 4096 bytes (the page above). */
const REASON_CHARACTERS = 1_000;
const ATTEMPTS = 3;
const ATTEMPT_TIMEOUT_MILLIS = 10_000;
const PAUSE_MILLIS = 1_000;

/**
 * @param physicalId of a new resource. The same for ever: another one would tell CloudFormation to delete the resource
 *   with the old one
 * @param failure why it failed, in one sentence; absent: success
 * @throws Error, without the URL, when no attempt was accepted: Lambda then runs the function again
 */
export async function respond(
  request: CustomResourceRequest,
  physicalId: string,
  failure?: string,
): Promise<void> {
  const body = Buffer.from(
    JSON.stringify({
      Status: failure === undefined ? 'SUCCESS' : 'FAILED',
      Reason: failure?.slice(0, REASON_CHARACTERS),
      PhysicalResourceId: request.PhysicalResourceId ?? physicalId,
      StackId: request.StackId,
      RequestId: request.RequestId,
      LogicalResourceId: request.LogicalResourceId,
    }),
  );
  let problem = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (attempt > 1) await sleep(PAUSE_MILLIS);
    try {
      const answer = await fetch(request.ResponseURL, {
        method: 'PUT',
        body,
        // The signature covers an empty type: any other is refused (the module cfn-response of AWS does the same).
        headers: { 'content-type': '' },
        signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MILLIS),
      });
      await answer.arrayBuffer();
      if (answer.ok) return;
      problem = `status ${answer.status}`;
    } catch (error) {
      const { cause, name } = error as Error;
      problem = (cause as { code?: string } | undefined)?.code ?? name;
    }
  }
  throw new Error(`CloudFormation did not take the answer (${problem})`);
}
