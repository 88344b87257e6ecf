import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type Packet, decode, encode, streamEncode } from 'dns-packet';
import { type Dns, type DnsOptions, startDns } from '../../../trial/dns/start';
import type { Zone, ZoneRecord } from '../../../trial/dns/zone';

const cname = (value: string): ZoneRecord => ({
  name: 'writer.x.internal',
  type: 'CNAME',
  ttl: 5,
  values: [value],
});
const many: ZoneRecord = {
  name: 'many.x.internal',
  type: 'A',
  ttl: 60,
  values: Array.from({ length: 60 }, (_, index) => `10.0.0.${index}`),
};
const zones = (...records: ZoneRecord[]): Zone[] => [{ name: 'x.internal', isPrivate: true, records }];
const RDS = 'a.abc.us-east-1.rds.amazonaws.com';

const started: Dns[] = [];
async function start(options: Partial<DnsOptions> = {}) {
  const dns = await startDns({
    zones: async () => zones(cname(RDS), many),
    names: () => new Map([[RDS, { address: '127.80.0.1' }]]),
    outside: async (name) => (name === 'example.org' ? ['192.0.2.9'] : []),
    ...options,
  });
  started.push(dns);
  const resolver = new Resolver({ timeout: 60_000, tries: 1 });
  resolver.setServers([dns.server]);
  return { dns, resolver };
}
afterEach(() => Promise.all(started.splice(0).map((dns) => dns.close())));

test('Node’s own resolver understands it', async () => {
  const { dns, resolver } = await start();
  expect(await resolver.resolve4('Writer.X.internal', { ttl: true })).toEqual([
    { address: '127.80.0.1', ttl: 5 },
  ]);
  expect(await resolver.resolveCname('writer.x.internal')).toEqual([RDS]);
  expect(await resolver.resolve4('example.org')).toEqual(['192.0.2.9']);
  await expect(resolver.resolve4('gone.x.internal')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  await expect(resolver.resolveMx('many.x.internal')).rejects.toMatchObject({ code: 'ENODATA' });
  await expect(resolver.resolve4('unknown.example.org')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  expect(dns.queries()).toBeGreaterThanOrEqual(6);
});

test('what is too long for UDP comes over TCP', async () => {
  const { dns, resolver } = await start();
  const [short] = await overUdp(dns, { questions: [{ type: 'A', name: 'many.x.internal' }] });
  expect([short!.flag_tc, short!.answers]).toEqual([true, []]);
  expect(await resolver.resolve4('many.x.internal')).toHaveLength(60);
});

test('two questions in one TCP segment, and half a one, are read', async () => {
  const { dns } = await start();
  const socket = connect(dns.port, dns.address);
  const one = streamEncode({ type: 'query', id: 1, questions: [{ type: 'A', name: RDS }] });
  const two = streamEncode({ type: 'query', id: 2, questions: [{ type: 'A', name: RDS }] });
  socket.write(Buffer.concat([one, two.subarray(0, 5)]));
  const [first] = (await once(socket, 'data')) as [Buffer];
  socket.write(two.subarray(5));
  const [second] = (await once(socket, 'data')) as [Buffer];
  expect([decode(first.subarray(2)).id, decode(second.subarray(2)).id]).toEqual([1, 2]);
  socket.destroy();
});

test('one reading serves many questions, while the cache is young', async () => {
  let readings = 0;
  const { resolver } = await start({
    cacheMillis: 3_600_000,
    zones: async () => ((readings += 1), zones(cname(RDS))),
  });
  await Promise.all(Array.from({ length: 20 }, () => resolver.resolveCname('writer.x.internal')));
  expect(readings).toBe(1);
});

test('a change is seen once the cache is old', async () => {
  let value = 'one.abc.us-east-1.rds.amazonaws.com';
  const { resolver } = await start({ cacheMillis: 50, zones: async () => zones(cname(value)) });
  const asked = () => resolver.resolveCname('writer.x.internal');
  expect(await asked()).toEqual([value]);
  value = 'two.abc.us-east-1.rds.amazonaws.com';
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await asked()).toEqual([value]);
});

test('without Route 53 it answers what it knew, or that it has failed', async () => {
  let works = false;
  const { resolver } = await start({
    cacheMillis: 0,
    zones: async () => {
      if (!works) throw new Error('away');
      return zones(cname(RDS));
    },
  });
  await expect(resolver.resolveCname('writer.x.internal')).rejects.toMatchObject({ code: 'ESERVFAIL' });
  works = true;
  expect(await resolver.resolveCname('writer.x.internal')).toEqual([RDS]);
  works = false;
  expect(await resolver.resolveCname('writer.x.internal')).toEqual([RDS]);
});

test('packets: flags, EDNS, what is not understood, and what is no packet', async () => {
  const { dns } = await start();
  const [plain] = await overUdp(dns, {
    flags: 1 << 8,
    questions: [{ type: 'CNAME', name: 'WRITER.x.internal' }],
  });
  expect(plain).toMatchObject({ id: 77, rcode: 'NOERROR', flag_aa: true, flag_ra: true, flag_rd: true });
  expect(plain!.questions).toMatchObject([{ name: 'WRITER.x.internal' }]); // as it was asked: resolvers compare

  const opt = { type: 'OPT', name: '.', udpPayloadSize: 4096, flags: 0, options: [] } as never;
  const [large] = await overUdp(dns, {
    questions: [{ type: 'A', name: 'many.x.internal' }],
    additionals: [opt],
  });
  expect(large!.answers).toHaveLength(60);
  expect(large!.additionals).toMatchObject([{ type: 'OPT' }]);

  const [update] = await overUdp(dns, { flags: 5 << 11, questions: [{ type: 'A', name: 'x.internal' }] });
  expect(update!.rcode).toBe('NOTIMP');
  const [empty] = await overUdp(dns, { questions: [] });
  expect(empty!.rcode).toBe('FORMERR');

  const after = await overUdp(dns, { questions: [{ type: 'A', name: RDS }] }, Buffer.from('no packet'));
  expect(after).toHaveLength(1); // the one to the packet: none to what was none
});

test('a port that is taken is refused', async () => {
  const { dns } = await start();
  await expect(startDns({ zones: async () => [], port: dns.port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});

/** Sends the packets and gives what has come when the answer to the last has. */
async function overUdp(dns: Dns, packet: Packet, before?: Buffer) {
  const socket = createSocket('udp4');
  const answers: ReturnType<typeof decode>[] = [];
  const done = new Promise<void>((resolve) =>
    socket.on('message', (message) => {
      answers.push(decode(message));
      resolve();
    }),
  );
  if (before) socket.send(before, dns.port, dns.address);
  socket.send(encode({ type: 'query', id: 77, ...packet }), dns.port, dns.address);
  await done;
  socket.close();
  return answers as (ReturnType<typeof decode> & Record<string, unknown>)[];
}
