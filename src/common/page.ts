/** `[from, from + length)` of a list. */
export interface Page {
  readonly from: number;
  readonly length: number;
}

/** A longer page counts as this (docs/wires.md, lists). */
export const MAX_PAGE_LENGTH = 100;
