/** Tells people, by e-mail or whatever has subscribed to the topic. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Notice } from '../decision';
import type { Log, Ports } from '../ports';
import { patiently, rareClientLimits } from './call';

export const snsClient = (region: string): SNSClient => new SNSClient(rareClientLimits(region));

/** What SNS takes (API reference, Publish): ASCII, no line breaks, less than 100 characters; and 256 KiB of text, of which this is far. */
const SUBJECT_CHARACTERS = 99;
const TEXT_CHARACTERS = 50_000;

/** @param group name of the site, for who watches several */
export const notifierFor =
  (client: SNSClient, topicArn: string, group: string, log: Log): Ports['notify'] =>
  async ({ severity, subject, text }: Notice) => {
    const command = new PublishCommand({
      TopicArn: topicArn,
      Subject: `[${group}] ${subject}`.replace(/[^\x20-\x7e]+/g, '?').slice(0, SUBJECT_CHARACTERS),
      Message: text.slice(0, TEXT_CHARACTERS),
      MessageAttributes: { severity: { DataType: 'String', StringValue: severity } },
    });
    try {
      // Told twice is better than not at all.
      await patiently('sns Publish', (options) => client.send(command, options));
    } catch (error) {
      log.error('people were not told', { severity, subject, text, error });
    }
  };
