/** An IPv4 network: its address as a 32-bit number and the length of its prefix in bits. */
export interface Cidr {
  readonly address: number;
  readonly prefix: number;
}

/** Reads `10.0.0.0/16`; undefined when it is not an IPv4 network or has bits set behind the prefix. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const [a, b, c, d, prefix] = match.slice(1).map(Number) as [number, number, number, number, number];
  if ([a, b, c, d].some((byte) => byte > 255) || prefix > 32) return undefined;
  const address = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const hostBits = 32 - prefix;
  if (hostBits > 0 && address % 2 ** hostBits !== 0) return undefined;
  return { address, prefix };
}

/** Networks for private use: RFC 1918 and the shared address space of RFC 6598. */
const PRIVATE_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].map((text) =>
  parseCidr(text)!,
);

const contains = (outer: Cidr, inner: Cidr): boolean =>
  inner.prefix >= outer.prefix &&
  Math.floor(inner.address / 2 ** (32 - outer.prefix)) ===
    Math.floor(outer.address / 2 ** (32 - outer.prefix));

/** Whether the network lies within a range for private use. */
export function isPrivate(network: Cidr): boolean {
  return PRIVATE_NETWORKS.some((range) => contains(range, network));
}
