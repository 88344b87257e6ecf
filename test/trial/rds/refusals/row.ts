/** One row of the catalogue: what is asked of which account, and what RDS answers. */
import type { Operation } from '../../../../trial/rds/model/operations';
import type { Answers, UndecidedQuestion } from '../../../../trial/rds/model/undecided';
import type { Prepared } from './prepared';

export interface Row {
  readonly operation: Operation;
  /** In words; with the operation, it is unique. */
  readonly asked: string;
  readonly given: Prepared;
  readonly request: object;
  /** `accepted`, or the code of the refusal. */
  readonly code: string;
  /** Of RDS's sentence, where a source quotes it. */
  readonly says?: RegExp;
  /** The status that is shown right after the call. */
  readonly shows?: string;
  /** Page or thread. */
  readonly source: string;
  /** What evidence does not decide: the row holds with this answer. */
  readonly undecided?: { readonly [Q in UndecidedQuestion]?: Answers[Q] };
}

type More = Pick<Row, 'says' | 'shows' | 'undecided'>;

/** Rows of one operation on one account; each names what is different from `base`. */
export const rows =
  (operation: Operation, given: Prepared, base: object, defaultSource: string) =>
  (asked: string, request: object, code: string, more: More & { readonly source?: string } = {}): Row => ({
    operation,
    given,
    asked,
    request: { ...base, ...request },
    code,
    source: defaultSource,
    ...more,
  });

export const VALUE = 'InvalidParameterValue';
export const COMBINATION = 'InvalidParameterCombination';
export const STATE = 'InvalidDBInstanceState';
export const ACCEPTED = 'accepted';
