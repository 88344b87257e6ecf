/**
 * What a server's user data says: the shell variables that lib/web/user-data.ts puts in front of user-data.sh.
 */

/** Values by name; what is an array in the shell is one here. */
type Header = Readonly<Record<string, string | readonly string[]>>;

/** Of an object in S3. */
export interface Place {
  readonly bucket: string;
  readonly key: string;
}

export interface Boot {
  readonly name: string;
  /** What a server runs first, if it has this SHA-256. */
  readonly script: Place & { readonly sha256: string };
  /** Zip file with the site. */
  readonly artifact: Place;
  readonly startCommand: string;
  readonly port: number;
  readonly healthPath: string;
  readonly drainSeconds: number;
  /** Without SERVER_ID and SERVER_ZONE, which each server finds out. */
  readonly environment: Readonly<Record<string, string>>;
  /** One of the first two stages' servers, which stands without a load balancer. */
  readonly isLone: boolean;
  /** Of the Elastic IP address that a lone server takes over. */
  readonly addressAllocation?: string;
}

/** `NAME='…'` or `NAME=('…' '…')`: single quotes throughout, as `quoted` in lib/web/shell.ts writes them. */
const ASSIGNMENT = /^([A-Z_0-9]+)=(\()?((?:'[^']*'|\\'|[ \n])*)\)?$/gm;
const WORD = /(?:'[^']*'|\\')+/g;

/** `'it'\''s'` is it's. */
const unquoted = (word: string): string => word.replace(/'([^']*)'|\\'/g, (_, text?: string) => text ?? "'");

/**
 * @param userData the text itself, not its base64
 * @throws Error when it is not one of user-data.ts
 */
export function bootOf(userData: string): Boot {
  const header: Header = Object.fromEntries(
    [...userData.matchAll(ASSIGNMENT)].map(([, name, list, text]) => {
      const words = (text!.match(WORD) ?? []).map(unquoted);
      return [name!, list ? words : (words[0] ?? '')];
    }),
  );
  const text = (name: string): string => {
    const value = header[name];
    if (typeof value !== 'string')
      throw new Error(`the user data has no ${name}: not a script of this blueprint`);
    return value;
  };
  const place = (name: string): Place => {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(text(name)) ?? [];
    if (!bucket || !key) throw new Error(`the user data's ${name} is ${text(name)}: must be s3://BUCKET/KEY`);
    return { bucket, key };
  };
  return {
    name: text('NAME'),
    script: { ...place('SCRIPT'), sha256: text('SCRIPT_SHA256') },
    artifact: place('ARTIFACT'),
    startCommand: text('START_COMMAND'),
    port: Number(text('PORT')),
    healthPath: text('HEALTH_PATH'),
    drainSeconds: Number(text('DRAIN_SECONDS')),
    environment: Object.fromEntries(
      [header['ENVIRONMENT'] ?? []].flat().map((entry) => {
        const at = entry.indexOf('=');
        return [entry.slice(0, at), entry.slice(at + 1)];
      }),
    ),
    isLone: text('LONE_SERVER') !== '',
    ...('ALLOCATION_ID' in header && { addressAllocation: text('ALLOCATION_ID') }),
  };
}
