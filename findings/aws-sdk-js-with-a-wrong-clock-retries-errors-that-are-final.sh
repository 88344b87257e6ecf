#!/usr/bin/env bash
# Where: AWS SDK for JavaScript 3.1163.0 (@aws-sdk/client-rds), where it meets a client or server whose clock is off.
# Guess: "DBInstanceAlreadyExists" or "AccessDenied" is final: the SDK throws it after one attempt. Only throttling, 5xx and
#        broken connections are tried again.
# Seen:  when the answer's Date differs from the local clock by more than five minutes, *every* error is tried to the last
#        attempt, whatever it says. An emulator with a fixed or frozen Date, or a test with a virtual clock,
#        so sees each refused change three times, with the pauses of a back-off in between.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @aws-sdk/client-rds@3.1163.0 > /dev/null
cat > run.cjs <<'JS'
const { createServer } = require('node:http');
const { CreateDBInstanceCommand, RDSClient } = require('@aws-sdk/client-rds');

const refusal = (code) =>
  `<ErrorResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error><RequestId>1</RequestId></ErrorResponse>`;

/** How many requests one call makes, against a server whose clock is `minutes` ahead. */
async function attempts(code, minutes) {
  let requests = 0;
  const server = createServer((_, response) => {
    requests++;
    response.sendDate = false;
    response.writeHead(400, { 'content-type': 'text/xml', date: new Date(Date.now() + minutes * 60_000).toUTCString() });
    response.end(refusal(code));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new RDSClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${server.address().port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const request = { DBInstanceIdentifier: 'site', DBInstanceClass: 'db.t4g.medium', Engine: 'postgres' };
  const name = await client.send(new CreateDBInstanceCommand(request)).then(() => 'no error', (error) => error.name);
  client.destroy();
  server.close();
  console.log(`server ${String(minutes).padStart(2)} min ahead: ${name}, ${requests} request${requests > 1 ? 's' : ''}`);
  return requests;
}

(async () => {
  const seen = [];
  for (const code of ['DBInstanceAlreadyExists', 'AccessDenied', 'InvalidParameterCombination'])
    for (const minutes of [0, 4, 6]) seen.push(await attempts(code, minutes));
  if (String(seen) !== '1,1,3,1,1,3,1,1,3') throw new Error('changed');
})().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
JS
NODE_NO_WARNINGS=1 node run.cjs
