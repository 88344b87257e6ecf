#!/usr/bin/env bash
# Where: AWS SDK for JavaScript 3.1163.0 (@aws-sdk/client-dynamodb), PutItem with a condition.
# Guess: ConditionalCheckFailedException after `attribute_not_exists(key)` means that another writer was first. It is what
#        locks, leases and idempotency records are built on.
# Seen:  when the connection breaks after the service has stored the item, the SDK sends the same PutItem again by default,
#        and the caller gets ConditionalCheckFailedException for an item that it has just written itself: who holds the lock
#        believes that somebody else does. With `maxAttempts: 1` the caller gets a TimeoutError
#        instead, and knows that it must look.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @aws-sdk/client-dynamodb@3.1163.0 > /dev/null
cat > run.cjs <<'JS'
const { createServer } = require('node:http');
const { DynamoDBClient, PutItemCommand } = require('@aws-sdk/client-dynamodb');

/** A table of one item: it stores the first, and that answer is lost on its way. */
async function put(options) {
  let stored;
  let requests = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      requests++;
      const { owner } = JSON.parse(body).Item;
      if (stored === undefined) {
        stored = owner.S;
        request.socket.destroy();
        return;
      }
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException', message: 'The conditional request failed' }));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${server.address().port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    ...options,
  });
  const item = { id: { S: 'lock' }, owner: { S: 'me' } };
  const command = new PutItemCommand({ TableName: 'locks', Item: item, ConditionExpression: 'attribute_not_exists(id)' });
  const outcome = await client.send(command).then(() => 'success', (error) => error.name === 'Error' ? error.code ?? error.message : error.name);
  client.destroy();
  server.close();
  console.log(`${JSON.stringify(options).padEnd(17)} requests ${requests}, the lock is held by "${stored}", the caller is told: ${outcome}`);
  return `${requests} ${stored} ${outcome}`;
}

(async () => {
  const usual = await put({});
  const once = await put({ maxAttempts: 1 });
  if (usual !== '2 me ConditionalCheckFailedException' || once !== "1 me TimeoutError") throw new Error(`changed: ${usual}; ${once}`);
})().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
JS
NODE_NO_WARNINGS=1 node run.cjs
