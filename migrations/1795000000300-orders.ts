import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Schema } from '../src/database/schema.js';

export class Orders1795000000300 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const schema = new Schema(runner);
    await this.createCart(schema);
    await this.createOrders(schema);
    await schema.createTable(
      'order_items',
      {
        id: schema.counter,
        order_id: schema.ref,
        product_id: schema.ref,
        snapshot_id: schema.ref,
        price: schema.whole,
        count: schema.small,
        reviewed: schema.flag,
      },
      { indexes: { idx_order_items_order: ['order_id'] } },
    );
    await schema.createTable(
      'order_history',
      {
        id: schema.counter,
        order_id: schema.ref,
        from_status: schema.small,
        to_status: schema.small,
        actor_kind: schema.text(16),
        actor_id: { ...schema.ref, isNullable: true },
        reason: schema.text(255),
        created_at: schema.instant,
      },
      { indexes: { idx_order_history_order: ['order_id'] } },
    );
    await schema.createTable(
      'comments',
      {
        id: schema.counter,
        product_id: schema.ref,
        user_id: schema.ref,
        order_item_id: { ...schema.ref, isNullable: true },
        text: schema.text(500),
        created_at: schema.instant,
      },
      { indexes: { idx_comments_product: ['product_id', 'id'] } },
    );
  }

  private async createCart(schema: Schema): Promise<void> {
    await schema.createTable(
      'cart_lines',
      {
        id: schema.counter,
        user_id: schema.ref,
        product_id: schema.ref,
        count: schema.small,
        created_at: schema.instant,
        updated_at: schema.instant,
      },
      {
        uniques: { uq_cart_lines_user_product: ['user_id', 'product_id'] },
        indexes: { idx_cart_lines_user: ['user_id', 'id'] },
        checks: { ck_cart_lines_count: 'count BETWEEN 1 AND 9999' },
      },
    );
  }

  private async createOrders(schema: Schema): Promise<void> {
    await schema.createTable(
      'orders',
      {
        id: schema.counter,
        checkout_id: schema.ref,
        buyer_id: schema.ref,
        merchant_id: schema.ref,
        status: schema.small,
        status_since: schema.instant,
        goods: schema.whole,
        freight: schema.whole,
        discount: schema.whole,
        total: schema.whole,
        channel: schema.text(16, { isNullable: true }),
        first_title: schema.text(200),
        first_product_id: schema.ref,
        recipient_name: schema.text(64),
        recipient_phone: schema.text(32),
        recipient_address: schema.text(500),
        message: schema.text(500),
        shop_message: schema.text(500),
        tracking_numbers: schema.longText,
        hidden_from_buyer: schema.flag,
        created_at: schema.instant,
        paid_at: { ...schema.instant, isNullable: true },
        verified_at: { ...schema.instant, isNullable: true },
        closed_at: { ...schema.instant, isNullable: true },
        updated_at: schema.instant,
      },
      {
        indexes: {
          idx_orders_buyer: ['buyer_id', 'hidden_from_buyer', 'id'],
          idx_orders_buyer_status: ['buyer_id', 'hidden_from_buyer', 'status', 'id'],
          idx_orders_merchant: ['merchant_id', 'id'],
          idx_orders_merchant_status: ['merchant_id', 'status', 'id'],
          idx_orders_status_since: ['status', 'status_since'],
        },
      },
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['comments', 'order_history', 'order_items', 'orders', 'cart_lines']) {
      await runner.dropTable(table);
    }
  }
}
