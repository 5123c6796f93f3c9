import type { InsertResult } from 'typeorm';

/** The id of the one row inserted; MySQL gives keys of type bigint as text. */
export function insertedId({ identifiers }: InsertResult): number {
  return Number((identifiers[0] as { readonly id: unknown }).id);
}
