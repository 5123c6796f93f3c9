import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Schema } from '../src/database/schema.js';

export class Addresses1795000000200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const schema = new Schema(runner);
    await schema.createTable(
      'addresses',
      {
        id: schema.counter,
        user_id: schema.ref,
        name: schema.text(64),
        address: schema.text(255),
        phone: schema.text(32),
        created_at: schema.instant,
        updated_at: schema.instant,
      },
      { indexes: { idx_addresses_user: ['user_id', 'id'] } },
    );
    await schema.createTable('address_books', {
      user_id: { ...schema.ref, isPrimary: true },
      default_address_id: { ...schema.ref, isNullable: true },
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('address_books');
    await runner.dropTable('addresses');
  }
}
