/** How far something is, for people and for the journal. */
export interface Progress {
  /** `reading the slot`, `comparing`, `applying` … */
  readonly step: string;
  readonly done: number;
  /** Absent: nobody knows. */
  readonly total?: number;
  /** `rows`, `blocks`, `transactions` … */
  readonly unit: string;
}

export type Report = (progress: Progress) => void;
