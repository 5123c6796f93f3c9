import { Entity } from 'typeorm';
import { KeyRef, Ref } from '../../database/columns.js';

/** One row per user with addresses: holds the default, and is locked by whatever adds, deletes or chooses one. */
@Entity('address_books')
export class AddressBook {
  @KeyRef() userId!: number;
  @Ref({ nullable: true }) defaultAddressId!: number | null;
}
