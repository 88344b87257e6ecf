import { freePort } from '../emulator/start';
import { Gate } from '../postgres/gate';
import type { Path } from '../postgres/path';

/** The way of functions to the emulated AWS: a fault can cut one off from there as well. */
export interface ApiGate {
  /** `http://localhost:PORT`, for AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  close(): Promise<void>;
}

/**
 * @param endpoint of the emulator
 * @param pathsOf what the packets of a function at this address pass through
 */
export async function openApiGate(
  endpoint: string,
  pathsOf: (address: string) => readonly Path[],
): Promise<ApiGate> {
  const port = await freePort();
  const gate = new Gate({ listen: { address: LOOPBACK, port }, admits: () => true, pathsOf });
  await gate.open();
  gate.leadTo({ address: LOOPBACK, port: Number(new URL(endpoint).port) });
  // By the same word as the emulator's own endpoint: S3 reads URLs with an address differently.
  return { endpoint: `http://localhost:${port}`, close: () => gate.close() };
}

const LOOPBACK = '127.0.0.1';
