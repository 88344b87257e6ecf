/** The certificate authority of one trial, in place of the one that signs for RDS. */
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Certificate {
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
}

export interface Authority {
  /** Path of the PEM file that clients trust: what RDS calls the certificate bundle. */
  readonly bundle: string;
  /** PEM, the same. */
  readonly certificate: string;
  /** For the endpoint of one database. */
  issue(name: string): Promise<Certificate>;
}

/** As long as RDS's server certificates. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html */
const SERVER_DAYS = 365;
const AUTHORITY_DAYS = 3650;
/** One that ends within this time is made anew. */
const SPARE_DAYS = 400;
const DAY_MS = 86_400_000;

const HOW = { keyType: 'ec', algorithm: 'sha256' } as const;
/** A clock that runs a little behind must not refuse what was made just now. */
const since = () => new Date(Date.now() - 60_000);
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);

/** That of the folder, or a new one, kept there. */
export async function openAuthority(folder: string): Promise<Authority> {
  const bundle = join(folder, 'authority.pem');
  const keyFile = join(folder, 'authority-key.pem');
  if (!isUsable(bundle, keyFile)) {
    const made = await generate([{ name: 'commonName', value: 'scale-from-zero trial' }], {
      ...HOW,
      notBeforeDate: since(),
      notAfterDate: inDays(AUTHORITY_DAYS),
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      ],
    });
    mkdirSync(folder, { recursive: true });
    // The key first: a certificate alone is made anew.
    replace(keyFile, made.private, 0o600);
    replace(bundle, made.cert, 0o644);
  }
  const certificate = readFileSync(bundle, 'utf8');
  const ca = { cert: certificate, key: readFileSync(keyFile, 'utf8') };
  return {
    bundle,
    certificate,
    async issue(name) {
      const made = await generate([{ name: 'commonName', value: name.slice(0, MOST_IN_COMMON_NAME) }], {
        ...HOW,
        ca,
        notBeforeDate: since(),
        notAfterDate: inDays(SERVER_DAYS),
        extensions: [
          { name: 'basicConstraints', cA: false },
          { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
          { name: 'extKeyUsage', serverAuth: true },
          { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
        ],
      });
      return { certificate: made.cert, key: made.private };
    },
  };
}

/** RFC 5280, ub-common-name; an endpoint may be longer, and clients look at the alternative name anyway. */
const MOST_IN_COMMON_NAME = 64;

function isUsable(bundle: string, keyFile: string): boolean {
  if (!existsSync(bundle) || !existsSync(keyFile)) return false;
  return Date.parse(new X509Certificate(readFileSync(bundle)).validTo) > Date.now() + SPARE_DAYS * DAY_MS;
}

function replace(path: string, text: string, mode: number): void {
  writeFileSync(`${path}.new`, text, { mode });
  renameSync(`${path}.new`, path);
}
