/** What the descriptions say in words of the parameters that are sent: "isn't supported", "can't be set to 0". */
import type { Description } from './botocore';
import type { Call } from './recording';

export interface Said {
  /** `RDS CreateDBInstanceReadReplica.Tags[].Key` */
  readonly parameter: string;
  /** A sentence of its documentation that forbids something. */
  readonly sentence: string;
  readonly value: unknown;
  readonly input: Call['input'];
}

/** What a sentence has that forbids, or binds to something. */
const FORBIDS =
  /n['’]t support|not support|only support|supported only|n['’]t valid|not valid|only valid|n['’]t appl(y|icable)|not applicable|can['’]t (be|specify)|cannot (be|specify)|(don['’]t|do not) specify a value for this|n['’]t permitted|must not|must also include|less than \d|mutually exclusive/i;

/** Sentences about what this site has not. Whatever says "only" is none of them: it may leave PostgreSQL out. */
const ELSEWHERE =
  /(doesn['’]t|don['’]t) apply to (RDS Custom|Amazon Aurora|Aurora|SQL Server)|(required|set to 0) for an? RDS Custom|directory buckets?|Outposts|Object Lambda|Path-style/i;

const ONLY = /only/i;

/** Every forbidding sentence about whatever parameter a call sends. */
export function saidOf(description: Description, { serviceId, operation, input }: Call): readonly Said[] {
  const found: Said[] = [];
  const walk = (shapeName: string, value: unknown, parameter: string): void => {
    const shape = description.shapes[shapeName]!;
    if (shape.type === 'list') {
      for (const one of value as readonly unknown[]) walk(shape.member!.shape, one, `${parameter}[]`);
    } else if (shape.type === 'structure') {
      for (const [name, one] of Object.entries(value as object)) {
        const member = shape.members![name]!;
        const at = `${parameter}.${name}`;
        const sentences = sentencesOf(member.documentation).filter(isForbidding);
        found.push(
          ...sentences.map((sentence) => ({ parameter: at, sentence, value: one as unknown, input })),
        );
        walk(member.shape, one, at);
      }
    }
  };
  walk(description.operations[operation]!.input!.shape, input, `${serviceId} ${operation}`);
  return found;
}

const isForbidding = (sentence: string) =>
  FORBIDS.test(sentence) && (ONLY.test(sentence) || !ELSEWHERE.test(sentence));

/** Points of lists and paragraphs are sentences of their own. */
const sentencesOf = (html = ''): string[] =>
  html
    .replaceAll(/<\/(li|p|note|dt|dd)>/g, '. ')
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll(/&amp;/g, '&')
    .split(/(?<=[.!?:])\s+/)
    .map((one) => one.trim().replaceAll(/\s+/g, ' '))
    .filter((one) => one.length > 1);
