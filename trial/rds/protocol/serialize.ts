/** Answers of the Query protocol, as XML. */
import type { RdsError } from '../model/errors';
import { parseType, SHAPES } from './shapes';

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** XML cannot carry control characters: they are left out. */
const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (character) => ESCAPES[character]!).replace(/(?![\t\n\r])\p{Cc}/gu, '');

const element = (name: string, content: string): string => `<${name}>${content}</${name}>`;

/** The answer of an operation; what its shape does not have would be a mistake of the model, and throws. */
export function answerXml(operation: string, answer: unknown, requestId: string): string {
  const { output, wrapper } = SHAPES.operations[operation]!;
  const result = output && wrapper ? element(wrapper, structure(output, (answer ?? {}) as object)) : '';
  const metadata = element('ResponseMetadata', element('RequestId', requestId));
  return `<${operation}Response xmlns="${SHAPES.namespace}">${result}${metadata}</${operation}Response>`;
}

export function errorXml({ code, status, message }: RdsError, requestId: string): string {
  const content = [
    element('Type', status < 500 ? 'Sender' : 'Receiver'),
    element('Code', code),
    element('Message', escaped(message)),
  ].join('');
  return `<ErrorResponse xmlns="${SHAPES.namespace}">${element('Error', content)}${element('RequestId', requestId)}</ErrorResponse>`;
}

function structure(name: string, value: object): string {
  const { members } = SHAPES.structures[name]!;
  return Object.entries(value)
    .filter(([, content]) => content !== undefined)
    .map(([member, content]) => {
      const type = members[member];
      if (!type) throw new Error(`The API has no ${name}.${member}`);
      return element(member, contentOf(type, content));
    })
    .join('');
}

function contentOf(text: string, value: unknown): string {
  const type = parseType(text);
  if (type.kind === 'structure') return structure(type.name, value as object);
  if (type.kind === 'list') {
    return (value as unknown[]).map((item) => element(type.element, contentOf(type.of, item))).join('');
  }
  return escaped(value instanceof Date ? value.toISOString() : String(value));
}
