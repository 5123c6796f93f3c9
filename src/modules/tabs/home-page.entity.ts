import { Entity } from 'typeorm';
import { Instant, KeyRef, Small } from '../../database/columns.js';

/** The one home page, id 1; there is no row before its first change. */
@Entity('home_pages')
export class HomePage {
  @KeyRef() id!: number;
  @Small() pictureNumber!: number;
  @Instant() updatedAt!: number;
}
