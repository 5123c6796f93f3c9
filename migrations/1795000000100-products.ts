import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Schema } from '../src/database/schema.js';

export class Products1795000000100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const schema = new Schema(runner);
    const sold = {
      owner_id: schema.ref,
      price: schema.whole,
      title: schema.text(200),
      description: schema.text(1000),
      detail: schema.longText,
      icon: schema.text(1024),
      picture_number: schema.small,
      detail_picture_number: schema.small,
    };
    await schema.createTable(
      'products',
      {
        id: schema.counter,
        ...sold,
        folded_title: schema.text(400),
        stock: schema.whole,
        listed: schema.flag,
        snapshot_id: schema.ref,
        created_at: schema.instant,
        updated_at: schema.instant,
      },
      {
        indexes: {
          idx_products_owner: ['owner_id', 'id'],
          idx_products_owner_listed: ['owner_id', 'listed', 'id'],
          idx_products_listed: ['listed', 'id'],
        },
        checks: { ck_products_price: 'price > 0', ck_products_stock: 'stock >= 0' },
      },
    );
    await schema.createTable(
      'product_snapshots',
      { id: schema.counter, product_id: schema.ref, ...sold, created_at: schema.instant },
      { indexes: { idx_product_snapshots_product: ['product_id'] } },
    );
    const keyRef = { ...schema.ref, isPrimary: true };
    await schema.createTable('product_grams', { gram: keyRef, product_id: keyRef });
    await this.createTabs(schema, keyRef);
  }

  private async createTabs(schema: Schema, keyRef: Schema['ref']): Promise<void> {
    await schema.createTable('tabs', {
      id: schema.counter,
      name: schema.text(64),
      created_at: schema.instant,
      updated_at: schema.instant,
    });
    await schema.createTable(
      'tab_products',
      { tab_id: keyRef, product_id: keyRef, position: schema.small },
      { indexes: { idx_tab_products_position: ['tab_id', 'position'] } },
    );
    await schema.createTable('home_pages', {
      id: keyRef,
      picture_number: schema.small,
      updated_at: schema.instant,
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['home_pages', 'tab_products', 'tabs', 'product_grams', 'product_snapshots', 'products']) {
      await runner.dropTable(table);
    }
  }
}
