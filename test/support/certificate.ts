/** Certificates made on the spot: a machine need not have openssl, and the repository holds no keys. */
import { generate } from 'selfsigned';

export interface TestCertificate {
  /** PEM; signed by itself, so that it is its own authority. */
  readonly certificate: string;
  readonly key: string;
}

/** @param name the one DNS name that the certificate is for */
export async function makeCertificate(name: string): Promise<TestCertificate> {
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
    ],
  });
  return { certificate: made.cert, key: made.private };
}
