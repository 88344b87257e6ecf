/** Grants that no call asks for, and why they stand. */
export interface Unused {
  /** What the logical id of the role begins with. */
  readonly role: string;
  readonly action: RegExp;
  readonly resource: RegExp;
  readonly why: string;
}

export const UNUSED: readonly Unused[] = [];
