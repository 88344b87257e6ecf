/** An apply in a process of its own, to be killed: its plan is a file, each batch is a line on standard output. */
import { readFileSync } from 'node:fs';
import { apply } from '../../../../lambda/recovery/apply';
import { connect } from '../../../../lambda/recovery/connect';
import type { Plan } from '../../../../lambda/recovery/plan';

async function main([file, port, database, batchRows]: string[]): Promise<void> {
  const plan = JSON.parse(readFileSync(file!, 'utf8')) as Plan;
  const primary = await connect(
    { host: '127.0.0.1', port: Number(port), database: database!, user: 'recovery', name: 'new' },
    { isReadOnly: false },
  );
  const applied = await apply({
    plan,
    primary,
    batchRows: Number(batchRows),
    report: ({ done }) => console.log(done),
  });
  await primary.close();
  console.log(JSON.stringify(applied.counts));
}

void main(process.argv.slice(2));
