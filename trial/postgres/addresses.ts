/** Loopback addresses, one a database, and what to do where the system has none. */
import { createServer } from 'node:net';
import { TrialFailure } from '../failure';

/** Behind the gate of a database: its PostgreSQL. Any program of this machine reaches it; a password is needed still. */
export const SERVER_PORT = 15432;
/** At the address of a replica: the gate through which it receives from its source. */
export const SOURCE_PORT = 15433;

/**
 * The first address of the network that none of `taken` has.
 *
 * @param prefix the first two numbers, such as `127.77`
 */
export function freeAddress(prefix: string, taken: readonly string[]): string {
  for (let index = 1; index < 1 << 16; index++) {
    const last = index % 256;
    const address = `${prefix}.${index >> 8}.${last}`;
    if (last !== 0 && last !== 255 && !taken.includes(address)) return address;
  }
  throw new TrialFailure(`No address is free in ${prefix}.0.0/16: remove databases.`);
}

/** Why nothing listens at `address:port`, in one sentence that says what to do. */
export function listeningFailure(error: NodeJS.ErrnoException, address: string, port: number): Error {
  switch (error.code) {
    case 'EADDRNOTAVAIL':
      return missingAddresses([address]);
    case 'EADDRINUSE':
      return new TrialFailure(
        `Port ${port} of ${address} is taken by another program, perhaps by a PostgreSQL server that listens on all ` +
          `addresses (0.0.0.0:${port}): stop it, or let it listen on localhost alone.`,
      );
    case 'EACCES':
    case 'EPERM':
      return new TrialFailure(`This user may not listen on ${address}:${port}: choose a port above 1023.`);
    default:
      return error;
  }
}

/**
 * Whether the first `count` addresses of the network exist here: all of 127.0.0.0/8 on Linux, 127.0.0.1 alone on macOS.
 *
 * @throws TrialFailure that names all that are missing, with the commands that make them
 */
export async function checkAddresses(prefix: string, count: number): Promise<void> {
  const wanted: string[] = [];
  while (wanted.length < count) wanted.push(freeAddress(prefix, wanted));
  const missing: string[] = [];
  for (const address of wanted) if (!(await exists(address))) missing.push(address);
  if (missing.length > 0) throw missingAddresses(missing);
}

function missingAddresses(addresses: readonly string[]): TrialFailure {
  const commands = addresses.map((address) =>
    // Gone with the next start of the machine, in both cases.
    process.platform === 'darwin'
      ? `sudo ifconfig lo0 alias ${address} up`
      : `sudo ip address add ${address}/8 dev lo`,
  );
  return new TrialFailure(
    `This machine has no loopback address ${addresses.join(', ')}, which a database of the trial needs for itself: ` +
      `run ${commands.join(' && ')}`,
  );
}

function exists(address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRNOTAVAIL' ? resolve(false) : reject(error),
    );
    probe.listen(0, address, () => probe.close(() => resolve(true)));
  });
}
