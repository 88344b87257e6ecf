import type { Answer } from 'dns-packet';
import { plainName } from './zone';

/** Types that can be asked for. */
type Made = Exclude<Answer['type'], 'OPT'>;

/** `"one" "two"` as its strings; within one, a backslash stands before a quote or a backslash. */
const strings = (value: string): string[] =>
  [...value.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text!.replace(/\\(.)/g, '$1'));

const FORMS: Partial<Record<Made, (value: string) => unknown>> = {
  A: (value) => value,
  AAAA: (value) => value,
  CNAME: plainName,
  NS: plainName,
  PTR: plainName,
  TXT: strings,
  MX: (value) => {
    const [preference, exchange] = value.split(/\s+/);
    return { preference: Number(preference), exchange: plainName(exchange!) };
  },
  SRV: (value) => {
    const [priority, weight, port, target] = value.split(/\s+/);
    return {
      priority: Number(priority),
      weight: Number(weight),
      port: Number(port),
      target: plainName(target!),
    };
  },
  CAA: (value) => {
    const [, flags, tag, text] = /^(\d+)\s+(\w+)\s+(.*)$/.exec(value)!;
    return { flags: Number(flags), tag, value: strings(text!)[0] };
  },
  SOA: (value) => {
    const [mname, rname, ...numbers] = value.split(/\s+/);
    const [serial, refresh, retry, expire, minimum] = numbers.map(Number);
    return { mname: plainName(mname!), rname: plainName(rname!), serial, refresh, retry, expire, minimum };
  },
};

/**
 * A record on the wire, from a value as Route 53 writes it.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html
 *
 * @returns undefined for a type that this server does not speak
 */
export function wireRecord(name: string, type: string, ttl: number, value: string): Answer | undefined {
  const form = FORMS[type as Made];
  return form && ({ name, type, ttl, data: form(value) } as Answer);
}
