/** What runs tell of themselves, in the journal's table (run-state.ts says what lies where). */
import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { once, patiently } from '../../failover/aws/call';
import { conditional } from '../../failover/aws/journal-items';
import { Problem } from '../problem';
import { RUNS_PART, RUN_STATE, type RunRequest, type RunState, SILENT_MILLIS } from '../run-state';

/** Long after whoever has started it has read how it ended. */
const KEPT_DAYS = 60;

export interface Runs {
  /**
   * Takes the run, as `owner`.
   *
   * @returns its state before, when it is done already: then nothing is to be done
   * @throws Problem when it is at work elsewhere, or is another run
   */
  begin(request: RunRequest, owner: string): Promise<{ readonly state: RunState; readonly isDone: boolean }>;
  /** @returns false: somebody else has taken the run; nothing was written. @throws CallFailed */
  write(state: RunState, owner: string): Promise<boolean>;
  /** Whether a human wants it to pause. @throws CallFailed */
  isStopped(run: string): Promise<boolean>;
}

/** @param now milliseconds since 1970 */
export function runsIn(client: DynamoDBClient, TableName: string, now: () => number = Date.now): Runs {
  const keyOf = (run: string) => ({ part: { S: RUNS_PART }, key: { S: run } });
  const read = async (run: string) => {
    const get = new GetItemCommand({ TableName, Key: keyOf(run), ConsistentRead: true });
    const { Item } = await patiently('dynamodb GetItem', (options) => client.send(get, options));
    return Item;
  };
  const update = (
    state: RunState,
    {
      remove = '',
      condition,
      values,
    }: { remove?: string; condition: string; values: Record<string, { S: string }> },
  ) =>
    conditional(() =>
      once('dynamodb UpdateItem', (options) =>
        client.send(
          new UpdateItemCommand({
            TableName,
            Key: keyOf(state.request.run),
            UpdateExpression: `SET #run = :run, #ttl = :ttl, #owner = :me${remove && ' REMOVE #remove'}`,
            ConditionExpression: condition,
            // Each by another name, as DynamoDB reserves hundreds of words.
            ExpressionAttributeNames: {
              '#run': 'run',
              '#owner': 'owner',
              '#ttl': 'ttl',
              ...(remove && { '#remove': remove }),
            },
            ExpressionAttributeValues: {
              ':run': { S: JSON.stringify(state) },
              ':ttl': { N: String(Math.floor(now() / 1_000) + KEPT_DAYS * 24 * 3_600) },
              ...values,
            },
          }),
          options,
        ),
      ),
    );
  return {
    async begin(request, owner) {
      const { run } = request;
      const item = await read(run);
      const before = stateOf(item?.['run']?.S);
      if (before && !isSame(before.request, request)) {
        throw new Problem(`The run ${run} is another one: take a new id.`);
      }
      if (before?.state === 'done') return { state: before, isDone: true };
      const silent = now() - (before?.updatedAt ?? 0);
      if (before?.state === 'running' && silent < SILENT_MILLIS) {
        throw new Problem(
          `The run ${run} is at work, as of ${Math.round(silent / 1_000)} s ago: wait for it, or ${Math.ceil((SILENT_MILLIS - silent) / 1_000)} s more if it was killed.`,
        );
      }
      const state: RunState = {
        request,
        state: 'running',
        startedAt: before?.startedAt ?? now(),
        updatedAt: now(),
        starts: (before?.starts ?? 0) + 1,
      };
      const known = item?.['owner']?.S;
      const isTaken = await update(state, {
        remove: 'stop',
        condition: known === undefined ? 'attribute_not_exists(#owner)' : '#owner = :known',
        values: { ':me': { S: owner }, ...(known !== undefined && { ':known': { S: known } }) },
      });
      if (!isTaken) throw new Problem(`The run ${run} was begun elsewhere just now: follow that.`);
      return { state, isDone: false };
    },
    write: (state, owner) => update(state, { condition: '#owner = :me', values: { ':me': { S: owner } } }),
    isStopped: async (run) => (await read(run))?.['stop'] !== undefined,
  };
}

function stateOf(text: string | undefined): RunState | undefined {
  return text === undefined ? undefined : RUN_STATE.parse(JSON.parse(text));
}

/** But for who has asked, and when. */
const isSame = (one: RunRequest, other: RunRequest): boolean => {
  const what = ({ by: _, at: __, ...rest }: RunRequest) =>
    JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
  return what(one) === what(other);
};
