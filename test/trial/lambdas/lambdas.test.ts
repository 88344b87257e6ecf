import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Lambdas, startLambdas } from '../../../trial/lambdas/start';
import { Processes } from '../../../trial/processes';
import type { Target } from '../../../trial/target';
import { deploy, startEmulatorWith } from './emulator';
import { TEMPLATE } from './functions';

jest.setTimeout(60_000);

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const folder = mkdtempSync(join(tmpdir(), 'scale-from-zero-lambdas-'));
const processes = new Processes();
let target: Target;
let lambdas: Lambdas;
let deployed: Awaited<ReturnType<typeof deploy>>;

const answerOf = async (name: string, payload: unknown) => {
  const outcome = await lambdas.invoke(name, payload);
  return outcome.kind === 'throttled' ? outcome : { kind: outcome.kind, ...JSON.parse(outcome.payload) };
};
const notesOf = (name: string): Record<string, unknown>[] => {
  try {
    const lines = readFileSync(join(folder, `${name}.notes`), 'utf8')
      .trim()
      .split('\n');
    return lines.map((line) => JSON.parse(line));
  } catch {
    return [];
  }
};
const eventually = async (check: () => boolean | Promise<boolean>) => {
  for (const end = Date.now() + 10_000; !(await check()); await sleep(20)) {
    if (Date.now() > end) throw new Error('It did not happen');
  }
};
const factsOf = (name: string) => lambdas.facts().find((facts) => facts.name === name)!;
const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${target.account}/20260101/${target.region}/${service}/aws4_request`,
});
/** Invoke, as SDK clients send it, to the emulator. */
const invokeThere = (name: string, payload: unknown, kind = 'RequestResponse') =>
  fetch(`${target.endpoint}/2015-03-31/functions/${name}/invocations`, {
    method: 'POST',
    body: JSON.stringify(payload),
    headers: { 'x-amz-invocation-type': kind, ...signed('lambda') },
  });

beforeAll(async () => {
  lambdas = await startLambdas({
    processes,
    target: () => target,
    folder,
    environment: (name) => ({ ADDRESS: '127.0.0.9', NOTES: join(folder, `${name}.notes`) }),
    timeScale: 0.001,
  });
  // A minute is a second.
  target = await startEmulatorWith(processes, { TRIAL_LAMBDAS_URL: lambdas.url, TRIAL_TIME_SCALE: '0.0167' });
  deployed = await deploy(target, 'test', TEMPLATE);
});

afterAll(async () => {
  await lambdas?.close();
  await processes.endAll();
  rmSync(folder, { recursive: true, force: true });
});

test('a custom resource is run by it while the stack is deployed', () => {
  expect(deployed).toEqual({ status: 'CREATE_COMPLETE', outputs: { Said: 'you said hello' } });
});

describe('a run', () => {
  test('has the deployed environment, Lambda’s own, what comes last, and none of this process', async () => {
    process.env['HOSTNAME'] = 'this machine';
    const answer = await answerOf('probe', { do: 'show' });
    expect(answer).toMatchObject({
      kind: 'returned',
      SITE: 'mysite',
      ADDRESS: '127.0.0.9',
      AWS_LAMBDA_FUNCTION_NAME: 'probe',
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL: target.endpoint,
      functionName: 'probe',
      memoryLimitInMB: '128',
      invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:probe',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(answer).not.toHaveProperty('HOSTNAME');
    expect(answer.remaining).toBeGreaterThan(0);
    expect(answer.remaining).toBeLessThanOrEqual(1_000);
    expect(readFileSync(join(folder, 'logs/probe.log'), 'utf8')).toMatch(
      /^START RequestId: (\S+) .*\nsaid by the function\nEND RequestId: \1\nREPORT RequestId: \1 Duration: \d+ ms/,
    );
  });

  test('uses a warm process again, and a second one for a second event at once', async () => {
    const first = await answerOf('probe', { do: 'show' });
    const arn = 'arn:aws:lambda:eu-central-1:123456789012:function:probe';
    expect(await answerOf(arn, { do: 'show' })).toMatchObject({ pid: first.pid, calls: first.calls + 1 });
    const long = { do: 'wait', millis: 200 };
    await Promise.all([answerOf('probe', long), answerOf('probe', long)]);
    expect(factsOf('probe')).toMatchObject({ running: 0, warm: 2, errors: 0 });
  });

  test.each([
    ['wait', { millis: 60_000 }, 'timed out', 'Sandbox.Timedout', /Task timed out after 1\.00 seconds/],
    ['spin', {}, 'timed out', 'Sandbox.Timedout', /Task timed out after 1\.00 seconds/],
    ['throw', {}, 'failed', 'TypeError', /^on purpose$/],
    ['leave', {}, 'failed', 'Runtime.ExitError', /exit status 3$/],
    ['reject', {}, 'failed', 'Runtime.UnhandledPromiseRejection', /^nobody caught it$/],
  ])('that is to %s fails as in Lambda', async (what, more, kind, errorType, errorMessage) => {
    expect(await answerOf('probe', { do: what, ...more })).toMatchObject({
      kind,
      errorType,
      errorMessage: expect.stringMatching(errorMessage),
    });
    expect(await answerOf('probe', { do: 'show' })).toMatchObject({ kind: 'returned' });
  });

  test.each([
    ['old', { kind: 'returned', payload: '"called back"' }],
    ['new', { kind: 'failed', errorType: 'Runtime.CallbackHandlerDeprecated' }],
    ['broken', { kind: 'failed', errorType: 'ReferenceError' }],
    ['snake', { kind: 'failed', errorType: 'Runtime.InvalidRuntime' }],
  ])('of the function %s', async (name, expected) => {
    expect(await lambdas.invoke(name, {})).toMatchObject(expected);
  });

  test('of no function is an error', async () => {
    await expect(lambdas.invoke('nobody', {})).rejects.toThrow('The function nobody is not deployed');
  });
});

test('a new deployment is not run by an old process', async () => {
  const before = await answerOf('probe', { do: 'show' });
  const path = `${target.endpoint}/2015-03-31/functions/probe/configuration`;
  const body = JSON.stringify({ Environment: { Variables: { SITE: 'another' } } });
  expect((await fetch(path, { method: 'PUT', body, headers: signed('lambda') })).status).toBe(200);
  const after = await answerOf('probe', { do: 'show' });
  expect(after).toMatchObject({ SITE: 'another', calls: 1 });
  expect(after.pid).not.toBe(before.pid);
});

test('one at a time with a reserved concurrency of 1', async () => {
  const [first, second] = await Promise.all([
    lambdas.invoke('lone', { do: 'wait', millis: 200 }),
    sleep(50).then(() => lambdas.invoke('lone', {})),
  ]);
  expect([first.kind, second.kind]).toEqual(['returned', 'throttled']);
  expect(factsOf('lone')).toMatchObject({ invocations: 1, throttles: 1 });
});

describe('through the emulator', () => {
  test('Invoke answers as Lambda does', async () => {
    const shown = await invokeThere('probe', { do: 'show' });
    expect([shown.status, await shown.json()]).toEqual([
      200,
      expect.objectContaining({ ADDRESS: '127.0.0.9' }),
    ]);
    const thrown = await invokeThere('probe', { do: 'throw' });
    expect(thrown.headers.get('x-amz-function-error')).toBe('Unhandled');
    expect(await thrown.json()).toMatchObject({ errorType: 'TypeError', errorMessage: 'on purpose' });
    const busy = lambdas.invoke('lone', { do: 'wait', millis: 300 });
    await sleep(100);
    expect((await invokeThere('lone', {})).status).toBe(429);
    await busy;
  });

  test('what fails asynchronously is tried twice more, then goes to the dead letters', async () => {
    const before = notesOf('lone').length;
    expect((await invokeThere('lone', { do: 'throw', mark: 1 }, 'Event')).status).toBe(202);
    const receive = () =>
      fetch(target.endpoint, {
        method: 'POST',
        body: JSON.stringify({
          QueueUrl: `${target.endpoint}/${target.account}/dead`,
          MessageAttributeNames: ['All'],
        }),
        headers: {
          'x-amz-target': 'AmazonSQS.ReceiveMessage',
          'content-type': 'application/x-amz-json-1.0',
          ...signed('sqs'),
        },
      }).then(
        (answer) => answer.json() as Promise<{ Messages?: { Body: string; MessageAttributes: object }[] }>,
      );
    let letter: { Body: string; MessageAttributes: object } | undefined;
    await eventually(async () => Boolean((letter = (await receive()).Messages?.[0])));
    expect(JSON.parse(letter!.Body)).toEqual({ do: 'throw', mark: 1 });
    expect(letter!.MessageAttributes).toMatchObject({
      ErrorCode: { StringValue: '200' },
      ErrorMessage: { StringValue: 'on purpose' },
    });
    expect(notesOf('lone').length - before).toBe(3);
  });

  test('schedules run, as fast as they are scaled', async () => {
    const scheduled = () => notesOf('noter').filter(({ from }) => from === 'schedule').length;
    await eventually(() => scheduled() >= 2);
  });

  test('a schedule that comes round while its function runs leaves that round out; killed, it runs again soon', async () => {
    await eventually(() => factsOf('watcher')?.running === 1);
    const { invocations } = factsOf('watcher');
    // Rounds come each second.
    await sleep(2_500);
    expect(factsOf('watcher')).toMatchObject({ invocations, running: 1, throttles: 0 });
    expect(lambdas.kill('watcher')).toBe(true);
    await eventually(() => factsOf('watcher').errors === 1);
    expect(factsOf('watcher').lastError).toMatch(/signal: SIGKILL$/);
    await eventually(() => factsOf('watcher').invocations > invocations && factsOf('watcher').running === 1);
  });

  test('a function that does not run cannot be killed', () => {
    expect(lambdas.kill('probe')).toBe(false);
    expect(lambdas.kill('nobody')).toBe(false);
  });

  test('an event of RDS reaches the rule whose pattern it fits, and no other does', async () => {
    const event = { source: 'aws.rds', 'detail-type': 'RDS DB Instance Event', time: '2026-11-22T10:00:00Z' };
    await lambdas.deliver({ ...event, detail: { EventID: 'RDS-EVENT-0006' } });
    await lambdas.deliver({
      ...event,
      id: 'known',
      detail: { EventID: 'RDS-EVENT-0004' },
      resources: ['db'],
    });
    const heard = () => notesOf('noter').filter(({ source }) => source === 'aws.rds');
    await eventually(() => heard().length > 0);
    expect(heard()).toEqual([
      expect.objectContaining({
        ...event,
        id: 'known',
        account: '123456789012',
        region: 'eu-central-1',
        resources: ['db'],
        detail: { EventID: 'RDS-EVENT-0004' },
      }),
    ]);
  });
});
