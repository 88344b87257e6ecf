import { type DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { RebootDBInstanceCommand } from '@aws-sdk/client-rds';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once, patiently } from '../../../../lambda/failover/aws/call';
import { callFailed, outcomeOf } from '../../../../lambda/failover/aws/errors';
import { journalFor } from '../../../../lambda/failover/aws/journal';
import { rdsClient } from '../../../../lambda/failover/aws/rds';
import { CallFailed } from '../../../../lambda/failover/ports';
import { until } from '../../../support/replica';

const named = (name: string, httpStatusCode?: number, message = '') =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });

test.each([
  ['throttled', named('ThrottlingException', 400)],
  ['throttled', named('Throttling', 400)],
  ['throttled', named('PriorRequestNotComplete', 400)],
  ['throttled', named('Whatever', 429)],
  ['wrong-state', named('InvalidDBInstanceStateFault', 400)],
  ['wrong-state', named('InvalidChangeBatch', 400)],
  ['not-found', named('DBInstanceNotFoundFault', 404)],
  ['not-found', named('ValidationError', 400, 'Stack [data] does not exist')],
  ['already-exists', named('DBInstanceAlreadyExistsFault', 400)],
  ['denied', named('AccessDeniedException', 400)],
  ['denied', named('AuthorizationErrorException', 403)],
  ['invalid', named('ValidationError', 400, 'no')],
  ['invalid', named('InvalidParameterCombination', 400)],
  ['timeout', named('TimeoutError')],
  ['timeout', named('AbortError')],
  ['timeout', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
  ['timeout', new Error('socket hang up')],
  ['failed', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
  ['failed', named('InternalFailure', 500)],
  ['room', named('InsufficientDBInstanceCapacityFault', 400)],
  ['room', named('DBInstanceAutomatedBackupQuotaExceededFault', 400)],
  // What the call mentions, and not what it is about.
  ['invalid', named('DBParameterGroupNotFoundFault', 404)],
  ['failed', named('CredentialsProviderError')],
  ['failed', undefined],
])('%s: %s', (outcome, error) => {
  expect(outcomeOf(error)).toBe(outcome);
  expect(callFailed('rds X', error)).toMatchObject({ name: 'CallFailed', outcome });
});

describe('a call', () => {
  const throttled = named('Throttling', 400, 'Rate exceeded');

  test('that changes something is made once', async () => {
    const send = jest.fn().mockRejectedValue(throttled);
    await expect(once('rds X', send)).rejects.toMatchObject({
      outcome: 'throttled',
      message: 'rds X: throttled: Throttling: Rate exceeded',
    });
    expect(send).toHaveBeenCalledTimes(1);
  });

  test('that only looks is made up to three times', async () => {
    const send = jest.fn().mockRejectedValueOnce(throttled).mockRejectedValueOnce(throttled);
    await expect(patiently('x', send.mockResolvedValue('seen'))).resolves.toBe('seen');
    expect(send).toHaveBeenCalledTimes(3);
    const never = jest.fn().mockRejectedValue(throttled);
    await expect(patiently('x', never)).rejects.toThrow(CallFailed);
    expect(never).toHaveBeenCalledTimes(3);
  });

  test('that is denied is not made again', async () => {
    const send = jest.fn().mockRejectedValue(named('AccessDenied', 403));
    await expect(patiently('x', send)).rejects.toMatchObject({ outcome: 'denied' });
    expect(send).toHaveBeenCalledTimes(1);
  });
});

describe('a service that takes the connection and says nothing', () => {
  const before = { ...process.env };
  const sockets = new Set<Socket>();
  let server: Server;

  beforeAll(async () => {
    server = createServer((socket) => void sockets.add(socket.resume()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_RDS: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    });
  });
  afterAll(() => {
    process.env = before;
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test('is given up, and no connection is left', async () => {
    const client = rdsClient('us-east-1');
    const command = new RebootDBInstanceCommand({ DBInstanceIdentifier: 'x' });
    do {
      await expect(once('rds X', (options) => client.send(command, options), 100)).rejects.toMatchObject({
        outcome: 'timeout',
        message: 'rds X: timeout: no answer within 100 ms',
      });
      // On a busy machine the time is over before anything was sent.
    } while (sockets.size === 0);
    await until(() => [...sockets].every(({ closed }) => closed));
    client.destroy();
  });

  test('is given up also when it heeds no signal', async () => {
    await expect(once('x', () => new Promise(() => {}), 10)).rejects.toMatchObject({ outcome: 'timeout' });
  });
});

describe('a transaction that met another one', () => {
  const canceled = (...codes: string[]) =>
    new TransactionCanceledException({
      message: 'no',
      $metadata: { httpStatusCode: 400 },
      CancellationReasons: codes.map((Code) => ({ Code })),
    });
  const commit = {
    version: 1,
    owner: 'a',
    memory: {} as never,
    entries: [],
    notOnHold: true,
  };
  const answering = (...answers: unknown[]) => {
    const send = jest.fn();
    for (const answer of answers) {
      if (answer) send.mockRejectedValueOnce(answer);
      else send.mockResolvedValueOnce({});
    }
    return { send, journal: journalFor({ send } as unknown as DynamoDBClient, 't') };
  };

  test('is asked for again, as nothing was written', async () => {
    const { send, journal } = answering(canceled('TransactionConflict', 'None'), undefined);
    await expect(journal.commit(commit)).resolves.toBe('written');
    expect(send).toHaveBeenCalledTimes(2);
  });

  test.each([
    ['lost', ['ConditionalCheckFailed', 'ConditionalCheckFailed']],
    ['held', ['None', 'ConditionalCheckFailed']],
  ])('is %s when its conditions say so', async (outcome, codes) => {
    const { journal } = answering(canceled('TransactionConflict', 'None'), canceled(...codes));
    await expect(journal.commit(commit)).resolves.toBe(outcome);
  });

  test('again and again is a failure', async () => {
    const conflict = canceled('TransactionConflict', 'None');
    const { send, journal } = answering(conflict, conflict, conflict);
    await expect(journal.commit(commit)).rejects.toMatchObject({ outcome: 'throttled' });
    expect(send).toHaveBeenCalledTimes(3);
  });
});
