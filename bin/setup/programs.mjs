import { spawn } from 'node:child_process';
import { FOLDER, WINDOWS } from './folder.mjs';
import { holdWith } from './lock.mjs';
import { Failure } from './terminal.mjs';

let running;

/** Ends the program that runs, if one does. */
export const stop = () => running?.kill('SIGTERM');

/** Runs a program to its end; resolves to its exit code and what it said, never rejects. */
export function run(command, args) {
  return new Promise((done) => {
    let output = '';
    // npm is a script on Windows, which only a shell starts; no argument here needs quoting.
    running = spawn(command, args, { cwd: FOLDER, stdio: ['ignore', 'pipe', 'pipe'], shell: WINDOWS });
    if (running.pid) holdWith(running.pid);
    for (const stream of [running.stdout, running.stderr]) stream.on('data', (data) => (output += data));
    running.on('error', (error) => done({ code: error.code, output: error.message }));
    running.on('close', (code) => done({ code, output }));
  });
}

/** What npm and pip say of a connection, best first: after it they only tell what came of it. */
const CAUSES = [
  /reason: /,
  /connection broken by .*?: /,
  /\b(ENOTFOUND|ECONN\w+|ETIMEDOUT|CERT_\w+|SELF_SIGNED\w*)\b/,
];
const NOISE =
  /^(code|errno|syscall|network This is|network 'proxy'|notice|Run "npm|A complete log|In most cases)|^$/;

/** The line of a program's output that tells why it failed. */
export function reasonIn(output) {
  const lines = output.split('\n').map((line) => line.trim());
  const errors = lines.flatMap(
    (line) => line.match(/^(?:npm error|ERROR:|Error:)\s?(.*)$/)?.[1].trim() ?? [],
  );
  const telling = errors.filter((line) => !NOISE.test(line));
  const cause = CAUSES.map((pattern) => [...telling, ...lines].find((line) => pattern.test(line))).find(
    Boolean,
  );
  // npm tells the reason first, and pip last.
  const first = /^npm error/m.test(output) ? telling[0] : telling.at(-1);
  const line = cause ?? first ?? lines.findLast((text) => text) ?? 'no reason given';
  return line
    .replace(/^WARNING: Retrying .* after connection broken by /, 'the connection was broken by ')
    .replace(/[.\s]+$/, '')
    .slice(0, 300);
}

/** Throws the sentence for a failed download: `what` could not be installed, why, and what to do. */
export function failed(what, output) {
  if (/ENOSPC|no space left/i.test(output)) {
    throw new Failure(
      `${what} could not be installed: the disk is full. Free about 1 GB and run this again.`,
    );
  }
  if (/EACCES|EPERM|permission denied/i.test(output)) {
    throw new Failure(
      `${what} could not be installed: ${reasonIn(output)}. Make this folder writable for you and run this again.`,
    );
  }
  if (/EUSAGE/.test(output)) {
    throw new Failure(
      `${what} could not be installed: ${reasonIn(output)}. Run npm install, then run this again.`,
    );
  }
  throw new Failure(
    `${what} could not be installed: ${reasonIn(output)}. Check the network (or the proxy) and run this again.`,
  );
}
