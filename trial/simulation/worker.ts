/** Simulates the schedules that it is given: a thread of its own. */
import { parentPort } from 'node:worker_threads';
import { type Batch, type Done, simulateBatch } from './batch';

parentPort!.on('message', (batch: Batch) => {
  void simulateBatch(batch).then((done: Done) => parentPort!.postMessage(done));
});
