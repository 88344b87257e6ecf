import { z } from 'zod';

/** What people are told of a setting. */
export interface About {
  /** One sentence. */
  readonly description: string;
  /** What is allowed: completes "allowed: …" in an error and stands in the documentation. */
  readonly allowed: string;
  readonly unit?: string;
  /** What holds when nothing is given and there is no plain default value. */
  readonly otherwise?: string;
  /** Names to look for the nearest in, where the value is one of many. */
  readonly names?: readonly string[];
  /** What is allowed instead of a value that has the right form, and why; undefined for all others. */
  readonly whyNot?: (given: string) => string | undefined;
}

export const setting = <T extends z.ZodType>(schema: T, about: About): T => schema.meta({ ...about });

/** A check that says itself why not, beside the form that a value must have. */
export const unless = (whyNot: (given: string) => string | undefined) => (given: string) =>
  whyNot(given) === undefined;

export const whole = (minimum: number, maximum: number) => z.number().int().min(minimum).max(maximum);
