/** AWS's own descriptions of its services, as botocore carries them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { venvProgram } from '../support/venv';

export interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, Member>>;
  readonly member?: Member;
  readonly key?: Member;
  readonly value?: Member;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
}

export interface Member {
  readonly shape: string;
  /** HTML. */
  readonly documentation?: string;
  /** A client gives it when its user does not. */
  readonly idempotencyToken?: boolean;
  readonly deprecated?: boolean;
}

export interface Description {
  readonly metadata: {
    readonly serviceId: string;
    readonly endpointPrefix: string;
    readonly signingName?: string;
  };
  readonly operations: Readonly<Record<string, { readonly input?: Member; readonly documentation?: string }>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** Folder of a service by its id; these differ from the id in lower case without spaces. */
const FOLDERS: Readonly<Record<string, string>> = {
  'Elastic Load Balancing v2': 'elbv2',
  'CloudWatch Logs': 'logs',
};

const cache = new Map<string, Description>();

/** @throws Error when botocore has no such service */
export function describeService(serviceId: string): Description {
  const known = cache.get(serviceId);
  if (known) return known;
  const name = FOLDERS[serviceId] ?? serviceId.toLowerCase().replaceAll(' ', '');
  const folder = join(dataFolder(), name);
  if (!existsSync(folder))
    throw new Error(`botocore has no ${name} for ${serviceId}: name its folder in test/aws/botocore.ts`);
  const newest = readdirSync(folder).sort().at(-1)!;
  const file = join(folder, newest, 'service-2.json.gz');
  const description = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as Description;
  if (description.metadata.serviceId !== serviceId)
    throw new Error(`botocore's ${name} is ${description.metadata.serviceId}, not ${serviceId}`);
  cache.set(serviceId, description);
  return description;
}

function dataFolder(): string {
  const lib = join(venvProgram('python'), '../../lib');
  const python = readdirSync(lib).find((name) => /^python3/.test(name))!;
  return join(lib, python, 'site-packages/botocore/data');
}

/** What a service's actions begin with in policies: `rds`. */
export const iamPrefix = ({ metadata }: Description): string =>
  PREFIXES[metadata.serviceId] ?? metadata.signingName ?? metadata.endpointPrefix;

/** Where policies call a service as no request does (Service Authorization Reference). */
const PREFIXES: Readonly<Record<string, string>> = { CloudWatch: 'cloudwatch' };
