/** A site with a primary and a replica in memory, on real HTTP, that can be told to do wrong. */
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Wrongs {
  /** Acknowledges every so manieth write without doing it. */
  loseEvery?: number;
  /** Does every so manieth write, and cuts the connection instead of answering. */
  swallowEvery?: number;
  /** Does every creation twice. */
  double?: boolean;
  /** Reads come from the replica, whatever was written. */
  stale?: boolean;
  /** Answers this status. */
  failReads?: number;
  failWrites?: number;
  /** Does not answer at all. */
  hangReads?: boolean;
  hangWrites?: boolean;
  /** The replica is so far behind. */
  lagMillis?: number;
}

interface Note {
  readonly id: number;
  readonly author: string;
  readonly text: string;
  readonly version: number;
}

export interface FakeSite {
  readonly url: string;
  readonly wrongs: Wrongs;
  readonly notes: Map<number, Note>;
  /** How many reads bore a cookie, a header, neither. */
  readonly sessions: { cookie: number; header: number; none: number };
  close(): Promise<void>;
}

const PAGE = 20;

export async function fakeSite(wrongs: Wrongs = {}): Promise<FakeSite> {
  const primary = new Map<number, Note>();
  const replica = new Map<number, Note>();
  let waiting: {
    readonly position: number;
    readonly at: number;
    readonly apply: (to: Map<number, Note>) => void;
  }[] = [];
  const sessions = { cookie: 0, header: 0, none: 0 };
  let [position, replayed, ids, writes, answers] = [0, 0, 0, 0, 0];

  const commit = (apply: (to: Map<number, Note>) => void) => {
    apply(primary);
    waiting.push({ position: ++position, at: Date.now(), apply });
  };
  const replay = () => {
    const ready = waiting.filter(({ at }) => at + (wrongs.lagMillis ?? 0) <= Date.now());
    waiting = waiting.slice(ready.length);
    for (const entry of ready) {
      entry.apply(replica);
      replayed = entry.position;
    }
  };

  const read = (request: IncomingMessage, response: ServerResponse, url: URL) => {
    if (wrongs.hangReads) return;
    if (wrongs.failReads) return response.writeHead(wrongs.failReads).end('<html>no JSON</html>');
    replay();
    const [, cookie] = /written_at=(\d+)/.exec(request.headers.cookie ?? '') ?? [];
    const header = request.headers['x-written-at'];
    sessions[cookie ? 'cookie' : header ? 'header' : 'none'] += 1;
    const isFresh = replayed >= Number(cookie ?? header ?? 0);
    const [from, database] =
      wrongs.stale || isFresh
        ? ([replica, 'mysite-replica-1'] as const)
        : ([primary, 'mysite-primary'] as const);
    const id = Number(url.pathname.split('/')[3] ?? 0);
    const headers = { 'x-database': database };
    if (id) {
      const note = from.get(id);
      return answer(response, note ? 200 : 404, note ?? { error: 'There is no such note' }, headers);
    }
    const limit = Number(url.searchParams.get('limit') ?? PAGE);
    const before = Number(url.searchParams.get('before') ?? Infinity);
    const all = [...from.values()].filter((note) => note.id < before).sort((one, other) => other.id - one.id);
    const notes = all.slice(0, limit);
    const next = all.length > limit ? `/api/notes?limit=${limit}&before=${notes.at(-1)!.id}` : null;
    return answer(response, 200, { notes, next }, headers);
  };

  const write = (request: IncomingMessage, response: ServerResponse, url: URL, body: string) => {
    const { text, author } = (body ? JSON.parse(body) : {}) as { text: string; author: string };
    // The one who reads back at the end is served rightly.
    const isOurs = author !== 'auditor' && Number(url.pathname.split('/')[3] ?? 0) !== auditorsNote;
    const number = isOurs ? ++writes : 0;
    if (isOurs && wrongs.hangWrites) return;
    if (isOurs && wrongs.failWrites) return answer(response, wrongs.failWrites, { error: 'no' });
    const isLost = isOurs && wrongs.loseEvery && number % wrongs.loseEvery === 0;
    const isSwallowed = isOurs && wrongs.swallowEvery && number % wrongs.swallowEvery === 0;
    let id = Number(url.pathname.split('/')[3] ?? 0);
    const old = primary.get(id);
    if (request.method !== 'POST' && !old) return answer(response, 404, { error: 'There is no such note' });
    if (request.method === 'POST') id = ++ids;
    if (!isOurs) auditorsNote = id;
    const note = { id, author, text, version: (old?.version ?? 0) + 1 };
    if (!isLost) commit((to) => void (request.method === 'DELETE' ? to.delete(id) : to.set(id, note)));
    if (wrongs.double && isOurs && request.method === 'POST') {
      const again = { ...note, id: ++ids };
      commit((to) => void to.set(again.id, again));
    }
    if (isSwallowed) return request.socket.destroy();
    const headers = {
      'x-database': 'mysite-primary',
      'x-written-at': `${position}`,
      'set-cookie': `written_at=${position}; Path=/; Max-Age=300; HttpOnly`,
    };
    return answer(response, { POST: 201, PUT: 200, DELETE: 204 }[request.method!]!, note, headers);
  };
  let auditorsNote = -1;

  const answer = (response: ServerResponse, status: number, value: unknown, headers = {}) =>
    response
      .writeHead(status, { 'content-type': 'application/json', 'x-server': `i-${++answers % 2}`, ...headers })
      .end(status === 204 ? undefined : JSON.stringify(value));

  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const url = new URL(request.url!, 'http://fake');
    if (request.method === 'GET') read(request, response, url);
    else write(request, response, url, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    wrongs,
    notes: primary,
    sessions,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
