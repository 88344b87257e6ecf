import { parseArgs } from 'node:util';
import { nearest } from '../lib/settings/nearest';
import { STAGES, type Stage } from '../lib/stage';
import { TrialFailure } from './failure';

/** What `npm start -- …` was asked for. */
export interface TrialArguments {
  readonly help: boolean;
  /** Absent: what the settings say. */
  readonly stage?: Stage;
  /** Deploy here instead of into an emulator of our own. */
  readonly endpoint?: string;
  /** Port of the emulator; absent: a free one. */
  readonly port?: number;
  /** Port of the site; absent: 8080, or a free one. */
  readonly sitePort?: number;
  /** Second number of the loopback addresses; absent: 77. */
  readonly network?: number;
  /** Where everything is kept; absent: `.trial`. */
  readonly folder?: string;
  /** How long states, intervals and waits last: 1 as on AWS, 0 at once. */
  readonly timeScale: number;
  /** The walk as JSON on standard output, everything else on standard error. */
  readonly json: boolean;
  /** End after the walk instead of staying until Ctrl-C. */
  readonly once: boolean;
  /** Show what the CDK CLI says. */
  readonly verbose: boolean;
  /** More context for the CDK app: `web.minCapacity=4`. */
  readonly context: readonly string[];
}

export const HELP = `npm start -- [options]   deploys the blueprint into an AWS on this machine

  --stage NAME      ${STAGES.join(', ')}
                    (default: the settings' stage)
  -c KEY=VALUE      a setting, as for cdk: -c web.minCapacity=4 (repeatable)
  --endpoint URL    deploy into LocalStack or the like instead of an emulator
  --port NUMBER     port of the emulator (default: a free one)
  --site-port NUM   port of the site (default: 8080, or a free one)
  --time-scale NUM  how long states, health checks and scaling take:
                    1 as on AWS, 0.1 a tenth, 0 at once (default)
  --network NUM     second number of the loopback addresses of databases
                    and servers (default: 77, for 127.77.* to 127.80.*)
  --folder PATH     where databases and logs are kept (default: .trial)
  --json            print the result as JSON (npm start --silent -- --json)
  --once            end when the result is printed; don't stay until Ctrl-C
  --verbose         show what the CDK CLI says
  --help            this text`;

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  stage: { type: 'string' },
  context: { type: 'string', short: 'c', multiple: true },
  endpoint: { type: 'string' },
  port: { type: 'string' },
  'site-port': { type: 'string' },
  'time-scale': { type: 'string' },
  network: { type: 'string' },
  folder: { type: 'string' },
  json: { type: 'boolean' },
  once: { type: 'boolean' },
  verbose: { type: 'boolean' },
} as const;

const SHORT: Record<string, string> = { h: 'help', c: 'context' };

/**
 * Reads the command line.
 *
 * @throws TrialFailure with one sentence, naming the nearest known flag or stage
 */
export function parseArguments(args: readonly string[]): TrialArguments {
  // Not strict: node's own messages name neither what is allowed nor what is near.
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  const given: Record<string, string[]> = {};
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') throw mistaken(token.value);
    const name = token.rawName.startsWith('--') ? token.name : (SHORT[token.name] ?? token.name);
    const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name as keyof typeof OPTIONS] : undefined;
    if (!option) throw unknownFlag(token.rawName, name);
    if (option.type === 'string' && (token.value === undefined || isFlag(token.value))) {
      throw new TrialFailure(`${token.rawName} needs a value: see npm start -- --help.`);
    }
    if (option.type === 'boolean' && token.value !== undefined) {
      throw new TrialFailure(`${token.rawName} takes no value, but "${token.value}" was given.`);
    }
    (given[name] ??= []).push(token.value ?? 'true');
  }

  const last = (name: keyof typeof OPTIONS) => given[name]?.at(-1);
  return {
    help: last('help') !== undefined,
    stage: stageOf(last('stage')),
    endpoint: endpointOf(last('endpoint')),
    port: portOf('port', last('port'), last('endpoint')),
    sitePort: portOf('site-port', last('site-port'), last('endpoint')),
    timeScale: timeScaleOf(last('time-scale')),
    network: networkOf(last('network')),
    folder: last('folder'),
    json: last('json') !== undefined,
    once: last('once') !== undefined,
    verbose: last('verbose') !== undefined,
    context: (given['context'] ?? []).map(contextOf),
  };
}

const isFlag = (value: string) => /^--?[a-z]/.test(value);

function unknownFlag(raw: string, name: string): TrialFailure {
  const near = nearest(name, Object.keys(OPTIONS));
  return new TrialFailure(
    `${raw} is not known: ${near ? `did you mean --${near}?` : 'see npm start -- --help.'}`,
  );
}

function mistaken(value: string): TrialFailure {
  const stage = nearest(value, STAGES);
  const remedy = stage ? `did you mean --stage ${stage}?` : 'see npm start -- --help.';
  return new TrialFailure(`"${value}" is not an option: ${remedy}`);
}

function stageOf(value: string | undefined): Stage | undefined {
  if (value === undefined) return undefined;
  const stage = STAGES.find((known) => known === value);
  if (stage) return stage;
  const near = nearest(value, STAGES);
  throw new TrialFailure(
    `--stage ${value} is not known: ${near ? `did you mean ${near}?` : `it is one of ${STAGES.join(', ')}.`}`,
  );
}

/** Where AWS itself answers: a trial never goes there. */
const AWS_HOSTS =
  /(^|\.)(amazonaws\.com(\.cn)?|amazonaws\.eu|api\.aws|aws\.dev|c2s\.ic\.gov|sc2s\.sgov\.gov)$/i;

function endpointOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new TrialFailure(`--endpoint ${value} is not a URL such as http://localhost:4566.`);
  }
  if (AWS_HOSTS.test(url.hostname.replace(/\.$/, ''))) {
    throw new TrialFailure(
      `--endpoint ${value} is AWS itself, and a trial never deploys to an account: use npx cdk deploy for that.`,
    );
  }
  return url.href.replace(/\/$/, '');
}

function portOf(
  name: 'port' | 'site-port',
  value: string | undefined,
  endpoint: string | undefined,
): number | undefined {
  if (value === undefined) return undefined;
  if (endpoint) {
    throw new TrialFailure(
      `--${name} is for an AWS of our own, which --endpoint leaves out: give one of them.`,
    );
  }
  const port = Number(value);
  if (/^\d+$/.test(value) && port >= 1 && port <= 65535) return port;
  throw new TrialFailure(`--${name} ${value} is not a port: it is a whole number from 1 to 65535.`);
}

function timeScaleOf(value = '0'): number {
  const factor = Number(value);
  if (/^\d+(\.\d+)?$/.test(value) && factor <= 1) return factor;
  throw new TrialFailure(`--time-scale ${value} is not a factor: it is a number from 0 to 1, such as 0.1.`);
}

/** 127.0.* is everybody's; the last three networks must exist as well. */
function networkOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const network = Number(value);
  if (/^\d+$/.test(value) && network >= 1 && network <= 252) return network;
  throw new TrialFailure(`--network ${value} is not one: it is a whole number from 1 to 252, such as 90.`);
}

function contextOf(value: string): string {
  if (/^[^=\s]+=/.test(value)) return value;
  throw new TrialFailure(`-c ${value} is not of the form KEY=VALUE, such as -c web.minCapacity=4.`);
}
