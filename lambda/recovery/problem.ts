/** Something that recovery cannot go on with: one sentence or two, what was found, where, and what to do. No stack trace. */
export class Problem extends Error {
  override readonly name = 'Problem';
}
