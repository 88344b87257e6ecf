/**
 * Runs one function in a process of its own, as Lambda's Node.js runtime does: loads the handler that `_HANDLER` names
 * in the current folder, then handles one event after the other.
 *
 * In, by IPC: { id, event, context: { deadline, … } }. Out: { id, payload } | { id, error: { errorType, errorMessage,
 * trace }, last }, where `last` says that this process takes no other event. The channel ends with whoever started this, even by kill -9, and this process with the channel.
 */
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** Of the event that is being handled. */
let current;
/** Loaded by the first event, so that a failure has an event to be told by. */
let handler;

process.on('disconnect', () => process.exit(0));

const describe = (error) =>
  error instanceof Error
    ? {
        errorType: error.name,
        errorMessage: error.message,
        trace: (error.stack ?? '').split('\n'),
      }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };

/** As the runtime reports what nobody caught; it then ends, and the next event gets a new process. */
function crash(errorType, error) {
  console.error(`${errorType}:`, error);
  const told = { ...describe(error), errorType };
  if (current === undefined) process.exit(1);
  process.send({ id: current, error: told, last: true }, () => process.exit(1));
}
process.on('uncaughtException', (error) => crash('Runtime.UncaughtException', error));
process.on('unhandledRejection', (error) => crash('Runtime.UnhandledPromiseRejection', error));

/** `folder/file.name` → the export `name` of folder/file, whichever of the three endings it has. */
async function load(named) {
  const dot = named.lastIndexOf('.');
  const base = join(process.cwd(), named.slice(0, dot));
  const file = ['.js', '.mjs', '.cjs'].map((ending) => base + ending).find((path) => existsSync(path));
  if (!file)
    throw Object.assign(new Error(`Cannot find module '${base}'`), { name: 'Runtime.ImportModuleError' });
  const module = await import(pathToFileURL(file).href);
  const name = named.slice(dot + 1);
  const found = module[name] ?? module.default?.[name];
  if (typeof found !== 'function') {
    const message = `${named} is undefined or not exported`;
    throw Object.assign(new Error(message), { name: 'Runtime.HandlerNotFound' });
  }
  // Lambda's words for it: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
  if (found.length > 2 && Number(/\d+/.exec(process.env.AWS_EXECUTION_ENV ?? '')?.[0]) >= 24) {
    const message = 'Functions with a callback are not supported since Node.js 24: make the handler async';
    throw Object.assign(new Error(message), { name: 'Runtime.CallbackHandlerDeprecated' });
  }
  return found;
}

function run(event, context) {
  if (handler.length < 3) return Promise.resolve(handler(event, context));
  return new Promise((resolve, reject) => {
    const returned = handler(event, context, (error, result) => (error ? reject(error) : resolve(result)));
    // An async handler that names the callback as well answers by its promise.
    if (typeof returned?.then === 'function') returned.then(resolve, reject);
  });
}

process.on('message', async ({ id, event, context: { deadline, ...fields } }) => {
  current = id;
  const context = {
    ...fields,
    awsRequestId: id,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  try {
    handler ??= await load(process.env._HANDLER);
    const payload = JSON.stringify(await run(event, context));
    current = undefined;
    process.send({ id, payload: payload ?? 'null' });
  } catch (error) {
    console.error(error);
    current = undefined;
    // What cannot be loaded now will not be later: as in Lambda, the next event gets a new process.
    const last = handler === undefined;
    process.send({ id, error: describe(error), last }, () => last && process.exit(1));
  }
});
