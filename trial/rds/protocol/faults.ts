/** What becomes of a call before the model sees it. */
export type Fault =
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Refused as AWS throttles: `Throttling`, status 400. */
  | { readonly kind: 'throttle' }
  /** `InternalFailure`, status 500. */
  | { readonly kind: 'fail' };

/** Asked at each call; undefined: nothing happens to it. */
export type Faults = (operation: string, identifier: string | undefined) => Fault | undefined;
