import { Entity, Index } from 'typeorm';
import { KeyRef, Small } from '../../database/columns.js';

/** A product's place in a tab; tab 0 is the home page. */
@Entity('tab_products')
@Index('idx_tab_products_position', ['tabId', 'position'])
export class TabProduct {
  @KeyRef() tabId!: number;
  @KeyRef() productId!: number;
  @Small() position!: number;
}
