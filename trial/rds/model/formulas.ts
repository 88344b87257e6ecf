/**
 * Parameter values in RDS's own language: `{DBInstanceClassMemory/9531392}`, `LEAST({…},5000)` (guide, "Specifying DB
 * parameters": formulas, variables, operators and functions; names are a matter of case). `IF`, `TrueIfReplica` and `log` are
 * refused: no parameter of PostgreSQL on RDS is set with them.
 */
import { memoryOf, processorsOf } from './class-sizes';
import { invalidParameterValue } from './errors';

/** Of whom a formula speaks. */
export interface Subject {
  readonly instanceClass: string;
  /** GiB. */
  readonly allocatedStorage: number;
  readonly port: number;
}

export const isFormula = (value: string): boolean => value.includes('{');

const GIBIBYTE = 1024 ** 3;

/**
 * `DBInstanceClassMemory` is here all of the class's memory: RDS leaves out what the system and its own processes take, which
 * no page tells in figures, so that its values are somewhat smaller.
 */
const VARIABLES: Readonly<Record<string, (subject: Subject) => number>> = {
  AllocatedStorage: ({ allocatedStorage }) => allocatedStorage * GIBIBYTE,
  DBInstanceClassMemory: ({ instanceClass }) => memoryOf(instanceClass) * GIBIBYTE,
  DBInstanceVCPU: ({ instanceClass }) => processorsOf(instanceClass),
  EndPointPort: ({ port }) => port,
};

const FUNCTIONS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  GREATEST: (values) => Math.max(...values),
  LEAST: (values) => Math.min(...values),
  SUM: (values) => values.reduce((sum, value) => sum + value, 0),
};

/**
 * @returns the value in digits; what is no formula is returned as it is
 * @throws RdsError InvalidParameterValue for a formula that cannot be read
 */
export function computed(value: string, subject: Subject): string {
  if (!isFormula(value)) return value;
  const tokens = value.match(/[A-Za-z]+|\d+|[^\sA-Za-z\d]/g) ?? [];
  const refuse = () => invalidParameterValue(`Invalid parameter formula: ${value}`);
  const take = (...wanted: string[]): string => {
    const token = tokens.shift();
    if (token === undefined || (wanted.length > 0 && !wanted.includes(token))) throw refuse();
    return token;
  };
  const list = (): number[] => {
    const values = [product()];
    while (take(',', ')') === ',') values.push(product());
    return values;
  };
  const term = (): number => {
    const token = take();
    if (/^\d+$/.test(token)) return Number(token);
    if (token === '{' || token === '(') {
      const inner = product();
      take(token === '{' ? '}' : ')');
      return inner;
    }
    const call = FUNCTIONS[token];
    if (call) {
      take('(');
      return call(list());
    }
    const variable = VARIABLES[token];
    if (!variable) throw refuse();
    return variable(subject);
  };
  /** "The division operator … returns an integer quotient: decimals are truncated, not rounded." */
  const product = (): number => {
    let result = term();
    while (tokens[0] === '*' || tokens[0] === '/') {
      result = take() === '*' ? result * term() : Math.trunc(result / term());
    }
    return result;
  };
  const result = product();
  if (tokens.length > 0) throw refuse();
  return String(result);
}
