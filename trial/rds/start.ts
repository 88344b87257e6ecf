import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { RdsModel } from './model/model';
import type { EventBridgeEvent } from './model/new-event';
import type { RdsState } from './model/state';
import { anySurroundings, type Surroundings } from './model/surroundings';
import type { Answers } from './model/undecided';
import type { Clock, DataPlane } from './ports';
import type { Faults } from './protocol/faults';
import { rdsServer } from './protocol/server';

export interface StartRdsProps {
  readonly clock: Clock;
  readonly plane: DataPlane;
  /** Of the endpoint on 127.0.0.1; 0: any that is free. */
  readonly port: number;
  readonly accountId: string;
  readonly region: string;
  /** How long states last: 1 as on AWS, 0 at once. */
  readonly timeScale: number;
  /** Of an earlier run (`model.toJSON()`). @default - no instance is there */
  readonly state?: RdsState;
  readonly onEvent: (event: EventBridgeEvent) => void;
  /** After each change; the moment to write `model.toJSON()` down. @default - nothing is written */
  readonly onChange?: () => void;
  /** URL for operations that are not ours. @default - they are an InvalidAction */
  readonly fallback?: string;
  readonly faults?: Faults;
  /** To what evidence does not decide. @default - the stricter ones */
  readonly answers?: Answers;
  /** @default - every subnet group exists */
  readonly surroundings?: Surroundings;
}

export interface RunningRds {
  /** For AWS_ENDPOINT_URL_RDS. */
  readonly url: string;
  readonly port: number;
  readonly model: RdsModel;
  close(): Promise<void>;
}

/**
 * Serves RDS on this machine, and goes on where `state` ends.
 * @throws Error EADDRINUSE, EACCES when the port cannot be had
 */
export async function startRds(props: StartRdsProps): Promise<RunningRds> {
  const { accountId, region, port, fallback, faults } = props;
  const model = new RdsModel({
    clock: props.clock,
    plane: props.plane,
    surroundings: props.surroundings ?? anySurroundings(accountId, region),
    timeScale: props.timeScale,
    answers: props.answers,
    state: props.state,
    onEvent: props.onEvent,
    onChange: props.onChange,
  });
  const server = rdsServer({ model, fallback, faults });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  await model.resume();
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    model,
    async close() {
      model.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
