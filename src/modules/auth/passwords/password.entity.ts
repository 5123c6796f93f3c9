import { Entity } from 'typeorm';
import { Instant, KeyRef, Text } from '../../../database/columns.js';

/** A user's password as an argon2id PHC string; the phone that goes with it is the user's. */
@Entity('passwords')
export class Password {
  @KeyRef() userId!: number;
  @Text(255) hash!: string;
  @Instant() updatedAt!: number;
}
