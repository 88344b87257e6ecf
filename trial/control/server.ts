import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { TrialFailure } from '../failure';
import type { Target } from '../target';
import type { Fault, Running, TrialFacts } from './contract';

export interface ControlOptions {
  /** `.trial`: where `running.json` says that the trial runs. */
  readonly folder: string;
  readonly site: string;
  readonly target: Target;
  readonly facts: () => Promise<TrialFacts>;
  /** @returns what was done, a sentence */
  readonly fault: (fault: Fault) => Promise<string>;
}

export interface Control {
  readonly url: string;
  close(): void;
}

const MOST_BYTES = 10_000;

/** Tells what the trial is like and takes faults, on the loopback interface. */
export async function startControl(options: ControlOptions): Promise<Control> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    void handle(options, request).then(
      (body) => (body ? answer(200, body) : answer(404, { error: `There is no ${request.url}.` })),
      (error: Error) => answer(error instanceof TrialFailure ? 400 : 500, { error: error.message }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const file = join(options.folder, 'running.json');
  const { site, target } = options;
  const running: Running = { pid: process.pid, control: url, site, ...target };
  writeFileSync(`${file}.new`, JSON.stringify(running));
  renameSync(`${file}.new`, file);
  return {
    url,
    close() {
      rmSync(file, { force: true });
      server.closeAllConnections();
      server.close();
    },
  };
}

async function handle(options: ControlOptions, request: IncomingMessage): Promise<object | undefined> {
  // A page of the web that a browser shows may send requests here as well, but never without an Origin.
  if (request.headers.origin) throw new TrialFailure('Requests of web pages are not taken.');
  if (request.method === 'GET' && request.url === '/facts') return options.facts();
  if (request.method === 'POST' && request.url === '/fault') {
    return { done: await options.fault(JSON.parse(await read(request)) as Fault) };
  }
  return undefined;
}

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) {
    text += part;
    if (text.length > MOST_BYTES) throw new TrialFailure('That is too long for a fault.');
  }
  return text;
}
