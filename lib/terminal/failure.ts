/** What a person is told instead of a stack trace: what went wrong and what to do. */
export class Failure extends Error {
  override readonly name: string = 'Failure';
}
