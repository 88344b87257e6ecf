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

/** The line of a program's output that tells why it failed. */
function reasonIn(output) {
  const lines = output.split('\n').map((line) => line.trim());
  const telling = lines.filter((line) => /error|fail|denied|refused|not found|no space/i.test(line));
  const noise = /complete log of this run|^npm error code|notice|^npm warn/i;
  const line =
    telling.findLast((text) => !noise.test(text)) ?? lines.findLast((text) => text) ?? 'no reason given';
  return line.replace(/^(npm error|ERROR:)\s*/i, '').slice(0, 300);
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
  throw new Failure(
    `${what} could not be installed: ${reasonIn(output)}. Check the network (or the proxy) and run this again.`,
  );
}
