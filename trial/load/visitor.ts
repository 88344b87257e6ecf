/** One who visits the site: with connections and a session of its own, as a browser or an API client has them. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** Why there was no answer that counts, in a word or two: `503`, `refused`, `cut off`, `no answer within 10 s`. */
export class Unanswered extends Error {
  constructor(readonly kind: string) {
    super(kind);
  }
}

export interface Answer {
  readonly status: number;
  /** Who answered, if it says so. */
  readonly server?: string;
  readonly database?: string;
  readonly body: unknown;
}

/** A position in the log comes with each write, and goes back with each read (app/own-writes.ts). */
const WRITTEN_HEADER = 'x-written-at';

/** Longer than the longest page of notes: a site that never stops answering would fill the memory. */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;

const KINDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'cut off',
  EPIPE: 'cut off',
  ENOTFOUND: 'name unknown',
  EAI_AGAIN: 'name unknown',
  EADDRNOTAVAIL: 'no port left',
};

export class Visitor {
  private readonly agent = new Agent({ keepAlive: true });
  private readonly cookies = new Map<string, { readonly value: string; readonly until: number }>();
  private token?: string;

  /** @param session how it keeps what it is given: in cookies as a browser, or as a header */
  constructor(
    readonly name: string,
    private readonly site: URL,
    private readonly timeoutMillis: number,
    private readonly session: 'cookies' | 'header',
  ) {}

  /** @throws Unanswered when there is no whole answer in time */
  async send(method: string, path: string, input?: unknown): Promise<Answer> {
    const body = input === undefined ? undefined : JSON.stringify(input);
    const { status, headers, text } = await this.exchange(method, path, body);
    this.remember(headers);
    const named = (header: string) => (headers[header] === undefined ? undefined : String(headers[header]));
    return {
      status,
      server: named('x-server'),
      database: named('x-database'),
      body: text === '' ? undefined : parsed(text, status),
    };
  }

  /** Ends its connections. */
  leave(): void {
    this.agent.destroy();
  }

  private exchange(method: string, path: string, body?: string) {
    const { hostname, port } = this.site;
    type Exchange = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string };
    return new Promise<Exchange>((resolve, reject) => {
      const signal = AbortSignal.timeout(this.timeoutMillis);
      const failed = (error: NodeJS.ErrnoException) => {
        const late = `no answer within ${this.timeoutMillis / 1000} s`;
        reject(new Unanswered(signal.aborted ? late : (KINDS[error.code ?? ''] ?? error.code ?? 'no HTTP')));
      };
      // The host is always the site's: a path that the site names in "next" leads nowhere else.
      const outgoing = request(
        {
          agent: this.agent,
          hostname: hostname.replace(/^\[|\]$/g, ''),
          port: port || 80,
          method,
          path,
          headers: this.headers(body),
          signal,
        },
        (incoming) => {
          let text = '';
          incoming.setEncoding('utf8');
          incoming.on('data', (chunk: string) => {
            text += chunk;
            if (text.length > BODY_LIMIT_BYTES) outgoing.destroy(new Error('too long'));
          });
          incoming.on('error', failed);
          incoming.on('end', () =>
            resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }),
          );
        },
      );
      outgoing.on('error', failed);
      outgoing.end(body);
    });
  }

  private headers(body?: string): Record<string, string> {
    const now = Date.now();
    const cookies = [...this.cookies].filter(([, { until }]) => until > now);
    return {
      accept: 'application/json',
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
      }),
      ...(cookies.length > 0 && {
        cookie: cookies.map(([name, { value }]) => `${name}=${value}`).join('; '),
      }),
      ...(this.token !== undefined && { [WRITTEN_HEADER]: this.token }),
    };
  }

  private remember(headers: IncomingHttpHeaders): void {
    const token = headers[WRITTEN_HEADER];
    if (this.session === 'header') {
      if (typeof token === 'string') this.token = token;
      return;
    }
    for (const cookie of headers['set-cookie'] ?? []) {
      const [, name, value = ''] = /^\s*([^=;\s]+)=([^;]*)/.exec(cookie) ?? [];
      const [, age] = /;\s*max-age=(-?\d+)/i.exec(cookie) ?? [];
      const until = age === undefined ? Infinity : Date.now() + Number(age) * 1000;
      if (name) this.cookies.set(name, { value, until });
    }
  }
}

function parsed(text: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A load balancer's own 503 is a page: the status says enough.
    if (status >= 400) return undefined;
    throw new Unanswered('unreadable answer');
  }
}
