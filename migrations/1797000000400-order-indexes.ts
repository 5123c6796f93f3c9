import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';

const OWNER = ['buyer_id', 'hidden_from_buyer'];
const BUYER = 'idx_orders_buyer';
const BUYER_STATUS = 'idx_orders_buyer_status';

const index = (name: string, columnNames: string[]): TableIndex => new TableIndex({ name, columnNames });

/** A buyer's orders, filtered or not, come from one index: each index makes an order dearer. */
export class OrderIndexes1797000000400 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('orders', BUYER);
    await runner.createIndex('orders', index(BUYER, [...OWNER, 'id', 'status']));
    await runner.dropIndex('orders', BUYER_STATUS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('orders', BUYER);
    await runner.createIndex('orders', index(BUYER, [...OWNER, 'id']));
    await runner.createIndex('orders', index(BUYER_STATUS, [...OWNER, 'status', 'id']));
  }
}
