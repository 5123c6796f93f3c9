import { Entity } from 'typeorm';
import { Instant, KeyRef, Small } from '../../database/columns.js';

/** The one home page, id 1; there is no row before its first change. */
@Entity('home_pages')
export class HomePage {
  @KeyRef('id')
  id!: number;

  @Small({ name: 'picture_number' })
  pictureNumber!: number;

  @Instant({ name: 'updated_at' })
  updatedAt!: Date;
}
