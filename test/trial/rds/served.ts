import { RDSClient } from '@aws-sdk/client-rds';
import { type RunningRds, startRds, type StartRdsProps } from '../../../trial/rds/start';
import { wallClock } from '../../../trial/rds/wall-clock';
import { FakePlane } from './fakes';

/** RDS over HTTP at time scale 0, by the wall clock, over databases that are only remembered. */
export async function serve(more: Partial<StartRdsProps> = {}): Promise<RunningRds & { plane: FakePlane }> {
  const plane = new FakePlane();
  const running = await startRds({
    clock: wallClock,
    plane,
    port: 0,
    accountId: '123456789012',
    region: 'us-east-1',
    timeScale: 0,
    onEvent: () => undefined,
    ...more,
  });
  return { ...running, plane };
}

/** A client that asks once: what it is answered is what the test looks at. */
export const clientOf = (endpoint: string): RDSClient =>
  new RDSClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
