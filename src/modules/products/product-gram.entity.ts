import { Entity } from 'typeorm';
import { KeyRef } from '../../database/columns.js';

/** Which titles hold a character or a pair of characters (see `title-grams.ts`): what makes a search an index look-up. */
@Entity('product_grams')
export class ProductGram {
  @KeyRef() gram!: number;
  @KeyRef() productId!: number;
}
