/** `[from, from + length)` of a list. */
export interface Page {
  readonly from: number;
  readonly length: number;
}

/** A longer page counts as this (docs/wires.md, lists). */
export const MAX_PAGE_LENGTH = 100;

/** Nobody turns so many pages by hand; what a deeper page of a large list costs, docs/operations.md says (deep pages). */
export const MAX_FROM = 10_000;

/** A page of a list that everybody may read and that grows for ever: beyond {@link MAX_FROM} it is empty, without a statement. */
export async function publicPage<T>(page: Page, read: (page: Page) => Promise<T[]>): Promise<T[]> {
  return page.from > MAX_FROM ? [] : read(page);
}
