/** The site as it runs on a server: the bundled file in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bundleSite, SITE_BUNDLE_FILE } from '../../app/bundle';
import type { SiteEnvironmentVariables } from '../../app/environment';

export type LogLine = Record<string, unknown> & { level: string; message: string };

export interface SiteProcess {
  /** For example http://127.0.0.1:41234 */
  readonly url: string;
  /** Standard output so far, as it came. */
  readonly output: readonly string[];
  /** Waits for a line that was or will be logged. */
  logged(message: string): Promise<LogLine>;
  signal(name: NodeJS.Signals): void;
  /** The exit code. */
  readonly ended: Promise<number | null>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Sends JSON. */
  send(method: string, path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

let folder: string | undefined;
const running = new Set<ReturnType<typeof spawn>>();

/** Bundles once for all processes of a test file. */
const bundle = (): string => {
  if (!folder) {
    folder = mkdtempSync(join(tmpdir(), 'scale-from-zero-site-'));
    bundleSite(folder);
  }
  return join(folder, SITE_BUNDLE_FILE);
};

afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Starts the program and collects its log; it may well end at once. */
export function launchSite(variables: SiteEnvironmentVariables & Record<string, string>) {
  // Nothing of the caller's environment, so that nothing but the contract can have an effect.
  const child = spawn(process.execPath, [bundle()], {
    env: { PORT: '0', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...variables },
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const output: string[] = [];
  const listeners = new Set<(line: LogLine) => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    output.push(line);
    const parsed = JSON.parse(line) as LogLine;
    for (const listener of listeners) listener(parsed);
  });
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  const logged = async (message: string): Promise<LogLine> => {
    for (const line of output.map((text) => JSON.parse(text) as LogLine))
      if (line.message === message) return line;
    return new Promise((resolve) => {
      const listener = (line: LogLine) => {
        if (line.message !== message) return;
        listeners.delete(listener);
        resolve(line);
      };
      listeners.add(listener);
    });
  };
  return { output, logged, ended, signal: (name: NodeJS.Signals) => void child.kill(name) };
}

/** Starts the program and waits until it listens. */
export async function startSite(variables: SiteEnvironmentVariables): Promise<SiteProcess> {
  const site = launchSite(variables);
  const { port } = await site.logged('listening');
  const url = `http://127.0.0.1:${String(port)}`;
  const get = (path: string, init: RequestInit = {}) => fetch(url + path, { redirect: 'manual', ...init });
  return {
    ...site,
    url,
    fetch: get,
    send: (method, path, body, headers = {}) =>
      get(path, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
}
