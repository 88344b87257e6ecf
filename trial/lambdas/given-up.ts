import type { Target } from '../target';
import type { GivenUp } from './asynchronous';
import type { Deployed } from './deployed';
import { callJson, publishToTopic } from './emulator';

/** A dead letter's attribute ErrorMessage holds the first kilobyte. */
const MESSAGE_CHARACTERS = 1_024;

/**
 * Sends what nobody handled to where the deployment says, if it says so: the event itself to the dead-letter queue, a
 * record of the invocation to the destination on failure.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 *
 * @throws Error when the emulator takes it not
 */
export async function sendGivenUp(target: Target, deployed: Deployed, given: GivenUp): Promise<void> {
  const { deadLetters, onFailure } = deployed.asynchronous;
  if (deadLetters) await send(target, deadLetters, JSON.stringify(given.event), attributesOf(given));
  if (onFailure) await send(target, onFailure, JSON.stringify(recordOf(deployed, given)), {});
}

function attributesOf({
  requestId,
  error,
}: GivenUp): Record<string, { DataType: string; StringValue: string }> {
  return {
    RequestID: { DataType: 'String', StringValue: requestId },
    // 200 for a failing function; 429 when it never ran.
    ErrorCode: { DataType: 'Number', StringValue: error ? '200' : '429' },
    ErrorMessage: {
      DataType: 'String',
      StringValue: (error?.errorMessage ?? 'Rate Exceeded.').slice(0, MESSAGE_CHARACTERS) || ' ',
    },
  };
}

const recordOf = ({ arn }: Deployed, { requestId, event, why, tries, error }: GivenUp) => ({
  version: '1.0',
  timestamp: new Date().toISOString(),
  requestContext: {
    requestId,
    functionArn: `${arn}:$LATEST`,
    condition: why,
    approximateInvokeCount: tries,
  },
  requestPayload: event,
  ...(error && {
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: JSON.parse(error.payload) as unknown,
  }),
});

async function send(target: Target, arn: string, body: string, attributes: object): Promise<void> {
  const [, , service, , account, name] = arn.split(':');
  if (service === 'sqs') {
    await callJson(target, 'sqs', 'AmazonSQS.SendMessage', {
      QueueUrl: `${target.endpoint}/${account}/${name}`,
      MessageBody: body,
      MessageAttributes: attributes,
    });
  } else if (service === 'sns') {
    await publishToTopic(target, arn, body);
  } else {
    throw new Error(`The trial sends failed events to queues and topics, not to ${arn}`);
  }
}
