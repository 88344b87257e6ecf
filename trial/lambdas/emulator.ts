/** The calls of the emulator's APIs that running functions needs. */
import { type Target, credentialsOf } from '../target';

/** How long the emulator may take for an answer; it takes milliseconds. */
const ANSWER_WITHIN_MS = 10_000;

/** Emulators read account, region and service from a signature, and check none. */
const headersFor = (target: Target, service: string) => ({
  authorization:
    `AWS4-HMAC-SHA256 Credential=${credentialsOf(target).accessKeyId}/20260101/${target.region}/${service}/aws4_request, ` +
    'SignedHeaders=host, Signature=trial',
});

/**
 * A GET of Lambda's REST API.
 * @param path e.g. `/2015-03-31/functions/name`
 * @returns undefined when there is no such thing
 */
export async function getFromLambda<T>(target: Target, path: string): Promise<T | undefined> {
  const answer = await fetch(`${target.endpoint}${path}`, {
    headers: headersFor(target, 'lambda'),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  if (answer.status === 404) return undefined;
  return JSON.parse(await textOf(answer, path)) as T;
}

/** @throws Error with what the emulator said */
export async function download(url: string): Promise<Buffer> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  if (!answer.ok) throw new Error(`${url} answered with status ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

/** An action of an API that speaks JSON: `AWSEvents.PutEvents`, `AmazonSQS.SendMessage`. */
export async function callJson(
  target: Target,
  service: 'events' | 'sqs',
  action: string,
  parameters: object,
): Promise<void> {
  const answer = await fetch(target.endpoint, {
    method: 'POST',
    body: JSON.stringify(parameters),
    headers: {
      ...headersFor(target, service),
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': action,
    },
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  await textOf(answer, action);
}

/** SNS's Publish, which speaks the older Query protocol. */
export async function publishToTopic(target: Target, TopicArn: string, Message: string): Promise<void> {
  const answer = await fetch(target.endpoint, {
    method: 'POST',
    body: new URLSearchParams({ Action: 'Publish', Version: '2010-03-31', TopicArn, Message }),
    headers: headersFor(target, 'sns'),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  await textOf(answer, 'Publish');
}

async function textOf(answer: Response, what: string): Promise<string> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The emulator refused ${what}: ${text.slice(0, 500)}`);
  return text;
}
