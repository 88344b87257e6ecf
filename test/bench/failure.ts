/** What a person is told instead of a stack trace: what could not be measured, and why. */
export class BenchFailure extends Error {
  override readonly name = 'BenchFailure';
}
