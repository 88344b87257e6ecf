/** Where a custom resource answers: the bucket that CloudFormation reads. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CustomResourceRequest } from '../../../lambda/custom-resource/respond';

export interface CloudFormationEar {
  /** @returns what the function answered */
  ask(
    handler: (request: CustomResourceRequest, ...more: never[]) => Promise<void>,
    RequestType: CustomResourceRequest['RequestType'],
    ResourceProperties: object,
  ): Promise<unknown>;
  stop(): Promise<void>;
}

export async function startEar(): Promise<CloudFormationEar> {
  const answers: unknown[] = [];
  const server = createServer((request, response) => {
    void request.toArray().then((parts) => {
      answers.push(JSON.parse(Buffer.concat(parts as Buffer[]).toString()));
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    async ask(handler, RequestType, ResourceProperties) {
      await handler({
        RequestType,
        ResponseURL: `http://127.0.0.1:${port}/`,
        StackId: 'stack',
        RequestId: 'request',
        LogicalResourceId: 'Run',
        ResourceProperties,
      });
      return answers.at(-1);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
