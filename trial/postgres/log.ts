import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';

/** Why a server has ended, in PostgreSQL's words: its last error, or its last line. */
export function lastReason(log: string): string {
  const lines = tail(log).trim().split('\n');
  const last = lines.findLastIndex((line) => /\b(FATAL|PANIC|ERROR): /.test(line));
  // Which setting of a configuration file is wrong stands in the line before.
  const reason = lines.at(lines[last]?.endsWith('contains errors') ? last - 1 : last);
  // Without time and process id.
  return reason?.replace(/^[^[]*\[\d+\] /, '') || 'it ended without a word';
}

function tail(path: string): string {
  if (!existsSync(path)) return '';
  const { size } = statSync(path);
  const part = Buffer.alloc(Math.min(size, 8_192));
  const file = openSync(path, 'r');
  try {
    readSync(file, part, 0, part.length, size - part.length);
  } finally {
    closeSync(file);
  }
  return part.toString('utf8');
}
