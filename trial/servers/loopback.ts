import { createServer } from 'node:net';
import { TrialFailure } from '../failure';

/**
 * Linux has all of 127.0.0.0/8, macOS only 127.0.0.1 until others are added.
 *
 * @throws TrialFailure when nobody can listen at the address
 */
export async function checkLoopback(address: string): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, address, resolve);
    });
  } catch {
    const network = address.split('.').slice(0, 2).join('.');
    throw new TrialFailure(
      `This machine has no address ${address}, and the servers need one each: on macOS add those of ${network}.x.y with ` +
        `"sudo ifconfig lo0 alias ADDRESS up", each as it is named in the servers' log, or run the trial on Linux.`,
    );
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
