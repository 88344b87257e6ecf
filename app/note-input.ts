/** What people send, checked: the fields of a note and the parameters of the list. */
import * as z from 'zod';

export interface Problem {
  readonly field: string;
  readonly problem: string;
}

export type Checked<T> = { readonly value: T } | { readonly problems: readonly Problem[] };

export const AUTHOR_LENGTH = 60;
export const TEXT_LENGTH = 2000;
export const LIST_LIMIT = { default: 20, highest: 100 };

/**
 * Control characters (PostgreSQL refuses NUL) and lone surrogates (they would be stored as "�").
 * Line breaks and tabs are fine in the text.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

const field = (longest: number, linesAllowed: boolean) => {
  const must = `must be a text of 1 to ${longest} characters`;
  return z
    .string({ error: must })
    .transform((value) => value.replace(/\r\n?/g, '\n').trim())
    .pipe(
      z
        .string()
        .min(1, { error: must })
        .max(longest, { error: must })
        .refine((value) => !UNPRINTABLE.test(linesAllowed ? value.replace(/[\n\t]/g, '') : value), {
          error: linesAllowed
            ? 'must not contain control characters'
            : 'must be one line without control characters',
        }),
    );
};

const NOTE = z.strictObject({ author: field(AUTHOR_LENGTH, false), text: field(TEXT_LENGTH, true) });

export type NoteInput = z.infer<typeof NOTE>;

const positive = (highest: number) => {
  const must = `must be a whole number from 1 to ${highest}`;
  return z
    .string()
    .refine((value) => /^[1-9]\d{0,15}$/.test(value) && Number(value) <= highest, { error: must })
    .transform(Number);
};

const LIST = z.object({
  limit: positive(LIST_LIMIT.highest).prefault(String(LIST_LIMIT.default)),
  before: positive(Number.MAX_SAFE_INTEGER).optional(),
});

const check =
  <T>(schema: z.ZodType<T>) =>
  (value: unknown): Checked<T> => {
    const parsed = schema.safeParse(value);
    return parsed.success ? { value: parsed.data } : { problems: parsed.error.issues.flatMap(toProblems) };
  };

const toProblems = (issue: z.core.$ZodIssue): Problem[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((field) => ({ field, problem: 'is not a field of a note: author and text are' }))
    : [{ field: issue.path.join('.'), problem: issue.path.length ? issue.message : 'must be a JSON object' }];

/** Fields of a note as they came from JSON or from a form. */
export const checkNote = check<NoteInput>(NOTE);

/** `limit` and `before` of a query string; other parameters are no business of the list. */
export const checkList = (query: URLSearchParams) =>
  check<z.infer<typeof LIST>>(LIST)(Object.fromEntries([...query].reverse()));
