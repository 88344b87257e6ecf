import { Failure } from '../lib/terminal/failure';

/** What a person is told instead of a stack trace: what went wrong and what to do. */
export class TrialFailure extends Failure {
  override readonly name = 'TrialFailure';
}
