import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OPERATIONS } from '../../../../trial/rds/model/operations';
import { venvProgram } from '../../../support/venv';
import { serve } from '../served';
import { motoTests } from './source';

jest.setTimeout(400_000);

interface Outcome {
  readonly case: string;
  readonly outcome: 'passed' | 'failed' | 'foreign';
  readonly why: string;
}

/** Runs every case against an RDS of its own. */
async function run(): Promise<Outcome[]> {
  let rds: Awaited<ReturnType<typeof serve>> | undefined;
  const control = createServer(async ({ url }, response) => {
    await rds?.close();
    rds = await serve({ region: url!.slice(1) });
    response.end(JSON.stringify({ url: rds.url, operations: Object.keys(OPERATIONS) }));
  }).listen(0, '127.0.0.1');
  await once(control, 'listening');
  const url = `http://127.0.0.1:${(control.address() as AddressInfo).port}`;
  try {
    const program = [join(__dirname, 'run.py'), motoTests(), url];
    const { stdout } = await promisify(execFile)(venvProgram('python'), program, {
      timeout: 300_000,
      maxBuffer: 1e8,
    });
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Outcome);
  } finally {
    control.close();
    await rds?.close();
  }
}

test('raw', async () => {
  const out = await run();
  require('fs').writeFileSync('/tmp/w/out.json', JSON.stringify(out, null, 1));
});
