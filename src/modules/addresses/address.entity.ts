import { Entity, Index } from 'typeorm';
import { Counter, Instant, KeyRef, Ref, Text } from '../../database/columns.js';

@Entity('addresses')
@Index('idx_addresses_user', ['userId', 'id'])
export class Address {
  @Counter() id!: number;
  @Ref() userId!: number;
  /** Who receives. */
  @Text(64) name!: string;
  @Text(255) address!: string;
  /** As typed: landlines and foreign numbers too. */
  @Text(32) phone!: string;
  @Instant() createdAt!: number;
  @Instant() updatedAt!: number;
}

/** One row per user with addresses: holds the default, and is locked by whatever adds, deletes or chooses one. */
@Entity('address_books')
export class AddressBook {
  @KeyRef() userId!: number;
  @Ref({ nullable: true }) defaultAddressId!: number | null;
}
