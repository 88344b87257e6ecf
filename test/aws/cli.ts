/** Commands of the AWS CLI as the calls that it makes of them. */
import { describeService } from './botocore';
import type { Call } from './recording';

const SERVICES: Readonly<Record<string, string>> = {
  autoscaling: 'Auto Scaling',
  cloudwatch: 'CloudWatch',
  ec2: 'EC2',
  secretsmanager: 'Secrets Manager',
};

/** Options of the CLI itself (reference, "Global options"). */
const GLOBAL = ['query', 'output', 'region', 'only-show-errors'];

/**
 * @param line a command, words apart by one space, as the stand-in of a server writes it down
 * @throws Error when it is none that is known here
 */
export function callsOfCli(caller: string, line: string): readonly Call[] {
  const [, service, command, ...rest] = line.split(' ') as [string, string, string, ...string[]];
  if (service === 's3' && command === 'cp') return copy(caller, rest);
  if (command === 'put-metric-data') return metric(caller, rest);
  const serviceId = SERVICES[service];
  if (!serviceId) throw new Error(`${line}: test/aws/cli.ts does not know ${service}`);
  const operation = pascal(command);
  const { operations, shapes } = describeService(serviceId);
  const members = shapes[operations[operation]?.input?.shape ?? '']?.members ?? {};
  const input = Object.fromEntries(
    optionsOf(rest).map(([option, values]) => {
      const plain = option.replace(/^no-/, '');
      const member = Object.keys(members).find((name) => kebab(name) === plain);
      if (!member) throw new Error(`${line}: ${operation} has no parameter --${option}`);
      const type = shapes[members[member]!.shape]!.type;
      if (values.length === 0) return [member, option === plain];
      return [member, type === 'list' ? values : values.join(' ')];
    }),
  );
  return [{ caller, serviceId, operation, input }];
}

/** From a bucket: the CLI asks for the object's size first. */
function copy(caller: string, words: readonly string[]): readonly Call[] {
  const [, Bucket, Key] =
    /^s3:\/\/([^/]+)\/(.+)$/.exec(words.find((word) => word.startsWith('s3://')) ?? '') ?? [];
  const input = { Bucket, Key };
  return ['HeadObject', 'GetObject'].map((operation) => ({ caller, serviceId: 'S3', operation, input }));
}

/** The CLI has options of its own for the one metric of a call (AWS CLI reference, put-metric-data). */
function metric(caller: string, words: readonly string[]): readonly Call[] {
  const given = Object.fromEntries(optionsOf(words).map(([option, values]) => [option, values.join(' ')]));
  const [Name, Value] = given['dimensions']!.split('=');
  const datum = {
    MetricName: given['metric-name'],
    Dimensions: [{ Name, Value }],
    Value: Number(given['value']),
  };
  const input = { Namespace: given['namespace'], MetricData: [datum] };
  return [{ caller, serviceId: 'CloudWatch', operation: 'PutMetricData', input }];
}

function optionsOf(words: readonly string[]): [string, string[]][] {
  const options: [string, string[]][] = [];
  for (const word of words) {
    if (word.startsWith('--')) options.push([word.slice(2), []]);
    else options.at(-1)?.[1].push(word);
  }
  return options.filter(([option]) => !GLOBAL.includes(option));
}

const pascal = (words: string) =>
  words.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
const kebab = (name: string) => name.replaceAll(/(?<=[a-z])([A-Z])/g, '-$1').toLowerCase();
