import { Entity } from 'typeorm';
import { Counter, Instant, Text } from '../../database/columns.js';

@Entity('tabs')
export class TabRow {
  @Counter()
  id!: number;

  @Text(64)
  name!: string;

  @Instant({ name: 'created_at' })
  createdAt!: Date;

  @Instant({ name: 'updated_at' })
  updatedAt!: Date;
}
