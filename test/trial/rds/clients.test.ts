import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OPERATIONS } from '../../../trial/rds/model/operations';
import { venvProgram } from '../../support/venv';
import { serve } from './served';

const run = promisify(execFile);

interface Result {
  readonly operations: string[];
  readonly mismatches: string[];
  readonly tags: unknown;
  readonly described: string[];
}

test('boto3 and the AWS CLI do every operation, and are refused as by RDS', async () => {
  const rds = await serve();
  try {
    const { stdout } = await run(venvProgram('python'), [join(__dirname, 'clients.py'), rds.url], {
      timeout: 60_000,
    });
    const results = JSON.parse(stdout) as Record<'boto3' | 'cli', Result>;
    for (const [client, result] of Object.entries(results)) {
      const name = client === 'boto3' ? 'boto' : 'cli';
      expect(result).toEqual({
        operations: Object.keys(OPERATIONS).sort(),
        mismatches: [],
        tags: [{ Key: 'stage', Value: 'test' }],
        described: [`${name}-primary`, `${name}-replica`],
      });
    }
  } finally {
    await rds.close();
  }
});
