import { request } from 'node:http';
import { passes } from './health';

export interface CheckOptions {
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly codes: string;
  readonly timeoutMillis: number;
}

/**
 * One health check, over a connection of its own, as a load balancer makes it.
 *
 * @returns what is wrong, or undefined; never rejects
 */
export const check = ({ address, port, path, codes, timeoutMillis }: CheckOptions) =>
  new Promise<string | undefined>((resolve) => {
    const asked = request({
      ...{ host: address, port, path, agent: false },
      headers: { 'user-agent': 'ELB-HealthChecker/2.0', connection: 'close' },
    });
    // Not the socket's idle time: the whole answer has so long.
    const timer = setTimeout(() => {
      resolve(`no answer within ${timeoutMillis} ms`);
      asked.destroy();
    }, timeoutMillis);
    const done = (failure?: string) => {
      clearTimeout(timer);
      resolve(failure);
    };
    asked.on('response', (answer) => {
      answer.on('error', () => undefined);
      answer.on('close', () => done(answer.complete ? undefined : 'the answer broke off'));
      if (!passes(answer.statusCode!, codes)) done(`status ${answer.statusCode}, wanted ${codes}`);
      answer.resume();
    });
    asked.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    asked.end();
  });
