/** A trial that only seems to run: its control server, and the file that tells where it is. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fault, Running, TrialFacts } from '../../../trial/control/contract';
import { RUNNING_FILE } from '../../../trial/view/source';

export interface SeemingTrial {
  /** Stands for `.trial`. */
  readonly folder: string;
  readonly running: Running;
  readonly faults: Fault[];
  /** What it answers; text instead of facts: as it is, with 200. */
  facts: TrialFacts | string;
  /** Refuses every fault with this sentence. */
  refusal?: string;
  close(): Promise<void>;
}

export async function seemingTrial(facts: TrialFacts, site = 'http://localhost:8080'): Promise<SeemingTrial> {
  const faults: Fault[] = [];
  const server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const answer = (status: number, value: unknown) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(typeof value === 'string' ? value : JSON.stringify(value));
    if (request.method === 'GET' && request.url === '/facts') return answer(200, trial.facts);
    if (request.method === 'POST' && request.url === '/fault') {
      if (trial.refusal) return answer(400, { error: trial.refusal });
      faults.push(JSON.parse(body) as Fault);
      return answer(200, { done: `Done: ${(JSON.parse(body) as Fault).kind}.` });
    }
    return answer(404, {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const control = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = mkdtempSync(join(tmpdir(), 'trial-'));
  const running = {
    pid: process.pid,
    control,
    site,
    endpoint: 'http://127.0.0.1:4566',
    region: 'eu-central-1',
    account: '123456789012',
  };
  writeFileSync(join(folder, RUNNING_FILE), JSON.stringify(running));
  const trial: SeemingTrial = {
    folder,
    running,
    faults,
    facts,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return trial;
}

/** A process id that nobody has: the highest that Linux gives is 2^22. */
export const DEAD_PID = 2 ** 22 + 1;
