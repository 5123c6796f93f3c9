import { Entity } from 'typeorm';
import { Counter, Instant, Text } from '../../database/columns.js';

@Entity('tabs')
export class Tab {
  @Counter() id!: number;
  @Text(64) name!: string;
  @Instant() createdAt!: number;
  @Instant() updatedAt!: number;
}
