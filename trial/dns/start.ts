/** The trial's DNS server: what a VPC's resolver tells its machines. */
import { lookup } from 'node:dns/promises';
import { type Socket as UdpSocket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Server, type Socket, createServer } from 'node:net';
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  type Packet,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
  decode,
  encode,
  streamEncode,
} from 'dns-packet';
import { type Knowledge, type Reply, answer } from './answer';
import { type Random, seededRandom } from './weighted';
import type { ReadZones, Zone } from './zone';

export interface DnsOptions {
  /** The hosted zones; asked at most every `cacheMillis`. */
  readonly zones: ReadZones;
  /** Names that no zone has, each time anew: RDS endpoints, load balancers. */
  readonly names?: () => Knowledge['names'];
  readonly addressOf?: Knowledge['addressOf'];
  /** Addresses of names that are none of the trial's. @default - this machine's own resolver */
  readonly outside?: (name: string, family: 4 | 6) => Promise<readonly string[]>;
  /** UDP and TCP port on 127.0.0.1. @default - a free one */
  readonly port?: number;
  /** How long zones may be out of date. @default 250 */
  readonly cacheMillis?: number;
  /** Draws among weighted records. @default - the same draws in every run */
  readonly random?: Random;
}

export interface Dns {
  readonly address: '127.0.0.1';
  readonly port: number;
  /** `127.0.0.1:PORT`, as `dns.setServers` takes it. */
  readonly server: string;
  /** How many questions have been answered. */
  queries(): number;
  close(): Promise<void>;
}

const ADDRESS = '127.0.0.1';
const CACHE_MILLIS = 250;
const OUTSIDE_TTL_SECONDS = 30;
/** Without EDNS an answer over UDP has at most 512 bytes (RFC 1035, 4.2.1). */
const PLAIN_UDP_BYTES = 512;
/** The length before a message over TCP (RFC 1035, 4.2.2). */
const LENGTH_BYTES = 2;
/** Response codes in the header's flags (RFC 1035, 4.1.1; RFC 2136 has no say here). */
const CODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4 } as const;

/** @throws when the port cannot be had */
export async function startDns(options: DnsOptions): Promise<Dns> {
  const { udp, tcp } = await listen(options.port);
  const respond = responder(options);
  let queries = 0;
  const handle = async (message: Buffer): Promise<{ reply: Packet; limit: number } | undefined> => {
    const question = decoded(message);
    if (!question) return undefined; // no answer either: there is no id to answer to
    queries += 1;
    return { reply: await respond(question), limit: udpLimit(question) };
  };

  // A question may be under way when the server is ended: a closed socket throws at a reply.
  let isOpen = true;
  udp.on('message', (message, { address, port }) => {
    void handle(message).then((handled) => {
      if (handled && isOpen)
        udp.send(withinLimit(handled.reply, handled.limit), port, address, () => undefined);
    });
  });
  const connections = new Set<Socket>();
  tcp.on('connection', (socket) => {
    connections.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => connections.delete(socket));
    eachMessage(socket, async (message) => {
      const handled = await handle(message);
      if (handled && !socket.destroyed) socket.write(streamEncode(handled.reply));
    });
  });

  const { port } = udp.address();
  return {
    address: ADDRESS,
    port,
    server: `${ADDRESS}:${port}`,
    queries: () => queries,
    async close() {
      for (const socket of connections) socket.destroy();
      await Promise.all([
        new Promise<void>((resolve) => {
          isOpen = false;
          udp.close(resolve);
        }),
        new Promise((resolve) => tcp.close(resolve)),
      ]);
    },
  };
}

/** UDP and TCP on the same port; with none wanted, a UDP port whose TCP twin is taken is given back. */
async function listen(wanted = 0): Promise<{ udp: UdpSocket; tcp: Server }> {
  for (let tries = wanted === 0 ? 10 : 1; ; tries--) {
    const udp = createSocket('udp4');
    udp.bind(wanted, ADDRESS);
    await once(udp, 'listening');
    const tcp = createServer();
    try {
      tcp.listen(udp.address().port, ADDRESS);
      await once(tcp, 'listening');
      return { udp, tcp };
    } catch (error) {
      udp.close();
      if (tries === 1) throw error;
    }
  }
}

function decoded(message: Buffer): Packet | undefined {
  try {
    const packet = decode(message);
    return packet.type === 'query' ? packet : undefined;
  } catch {
    return undefined;
  }
}

function responder(options: DnsOptions): (question: Packet) => Promise<Packet> {
  const { names = () => new Map(), addressOf, outside = systemLookup, random = seededRandom(1) } = options;
  const zones = remembered(options.zones, options.cacheMillis ?? CACHE_MILLIS);

  const replyTo = async (name: string, type: string): Promise<Reply> => {
    const found = answer(name, type, { zones: await zones(), names: names(), addressOf }, random);
    const family = type === 'A' ? 4 : type === 'AAAA' ? 6 : undefined;
    if (found.outside === undefined || !family) return found;
    const addresses = await outside(found.outside, family);
    const records = addresses.map(
      (data) => ({ name: found.outside, type, ttl: OUTSIDE_TTL_SECONDS, data }) as Answer,
    );
    const code = records.length > 0 || found.answers.length > 0 ? 'NOERROR' : 'NXDOMAIN';
    return { ...found, code, answers: [...found.answers, ...records] };
  };

  return async (question) => {
    const [asked] = question.questions ?? [];
    const flags = AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | ((question.flags ?? 0) & RECURSION_DESIRED);
    const edns = question.additionals?.some(({ type }) => type === 'OPT');
    const base: Packet = {
      type: 'response',
      id: question.id,
      questions: question.questions,
      additionals: edns
        ? [{ type: 'OPT', name: '.', udpPayloadSize: 4096, flags: 0, options: [] } as never]
        : [],
    };
    if (!asked || question.questions?.length !== 1) return { ...base, flags: flags | CODES.FORMERR };
    const opcode = ((question.flags ?? 0) >> 11) & 0xf;
    if (opcode !== 0) return { ...base, flags: flags | CODES.NOTIMP };
    const { code, answers, authorities } = await replyTo(asked.name, asked.type).catch((): Reply => ({
      code: 'SERVFAIL',
      answers: [],
      authorities: [],
    }));
    return { ...base, flags: flags | CODES[code], answers: [...answers], authorities: [...authorities] };
  };
}

/** The zones as read at most `millis` ago; when they cannot be read, as last read, as a resolver's cache would have them. */
function remembered(read: ReadZones, millis: number): ReadZones {
  let last: readonly Zone[] | undefined;
  let readAt = -Infinity;
  let reading: Promise<readonly Zone[]> | undefined;
  return () => {
    if (last && performance.now() - readAt < millis) return Promise.resolve(last);
    const begun = performance.now();
    reading ??= read()
      .then(
        (zones) => ((readAt = begun), (last = zones)),
        (error: unknown) => {
          if (!last) throw error;
          readAt = begun;
          return last;
        },
      )
      .finally(() => (reading = undefined));
    return reading;
  };
}

async function systemLookup(name: string, family: 4 | 6): Promise<readonly string[]> {
  const found = await lookup(name, { all: true, family }).catch(() => []);
  return found.map(({ address }) => address);
}

function udpLimit(question: Packet): number {
  const edns = question.additionals?.find(({ type }) => type === 'OPT') as
    { udpPayloadSize?: number } | undefined;
  return Math.max(PLAIN_UDP_BYTES, edns?.udpPayloadSize ?? 0);
}

/** What is too long is sent without records and marked: the client then asks over TCP. */
function withinLimit(reply: Packet, limit: number): Buffer {
  const whole = encode(reply);
  if (whole.length <= limit) return whole;
  return encode({ ...reply, flags: (reply.flags ?? 0) | TRUNCATED_RESPONSE, answers: [], authorities: [] });
}

function eachMessage(socket: Socket, handle: (message: Buffer) => Promise<void>): void {
  let received = Buffer.alloc(0);
  socket.on('data', (data) => {
    received = Buffer.concat([received, data]);
    while (received.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + received.readUInt16BE(0);
      if (received.length < end) return;
      void handle(received.subarray(LENGTH_BYTES, end));
      received = received.subarray(end);
    }
  });
}
