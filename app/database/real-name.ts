/**
 * The name that a database's certificate bears.
 *
 * Our zone's writer and reader names are CNAMEs of RDS endpoints, and the certificate names the
 * endpoint, not the CNAME: to verify it, the CNAME is looked up before the connection is made.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
 */
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Finds the name to connect to, and to verify the certificate against. */
export type FindRealName = (host: string) => Promise<string>;

/** The targets of a name's CNAME record: none when it is no alias. */
export type ResolveCname = (name: string) => Promise<readonly string[]>;

const RDS_ENDPOINT = /\.rds\.amazonaws\.com(\.cn)?\.?$/;

/** A chain longer than this is a loop. */
const LONGEST_CHAIN = 8;

/** Node's error codes for "there is no such record", as opposed to "nobody answered". */
const NO_RECORD = ['ENODATA', 'ENOTFOUND'];

const resolver = new Resolver({ timeout: 1000, tries: 2 });

const resolveWithDns: ResolveCname = async (name) => {
  try {
    return await resolver.resolveCname(name);
  } catch (error) {
    if (NO_RECORD.includes((error as { code?: string }).code ?? '')) return [];
    throw error;
  }
};

/**
 * Follows CNAMEs to the end, or to the first RDS endpoint: a public endpoint is itself an alias of an
 * EC2 name, which no certificate bears. IP addresses, socket folders and localhost are their own names.
 * @throws when no DNS server answers, or the chain is a loop
 */
export const realNameFinder =
  (resolveCname: ResolveCname = resolveWithDns): FindRealName =>
  async (host) => {
    if (host.startsWith('/') || host === 'localhost' || isIP(host) !== 0) return host;
    let name = host;
    for (let step = 0; step < LONGEST_CHAIN; step++) {
      if (RDS_ENDPOINT.test(name)) return name;
      const [target] = await resolveCname(name);
      if (target === undefined) return name;
      name = target;
    }
    throw new Error(`${host} is an alias of an alias of an alias …: its CNAME records are a loop`);
  };
