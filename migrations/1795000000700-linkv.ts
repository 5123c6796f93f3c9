import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Schema } from '../src/database/schema.js';

export class Linkv1795000000700 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const schema = new Schema(runner);
    await schema.createTable(
      'linkv_apps',
      {
        app_id: schema.text(64, { isPrimary: true }),
        name: schema.text(64),
        alias: schema.text(64),
        secret: schema.text(512),
        previous_secret: schema.text(512, { isNullable: true }),
        previous_until: { ...schema.instant, isNullable: true },
        seeded_hash: schema.text(64, { isNullable: true }),
        disabled_at: { ...schema.instant, isNullable: true },
        created_at: schema.instant,
      },
      { uniques: { uq_linkv_apps_alias: ['alias'] } },
    );
    await schema.createTable(
      'linkv_users',
      {
        open_id: schema.text(32, { isPrimary: true }),
        app_id: schema.text(64),
        user_id: schema.text(64),
        aid: schema.text(128),
        name: schema.text(128),
        portrait: schema.text(1024),
        email: schema.text(128),
        country: schema.text(64),
        birthday: schema.text(64),
        sex: schema.text(8),
        token_hash: schema.text(64),
        created_at: schema.instant,
        updated_at: schema.instant,
      },
      { uniques: { uq_linkv_users_user: ['app_id', 'user_id'] } },
    );
    await this.createOperations(schema);
    await schema.createTable(
      'gold_lots',
      {
        id: schema.counter,
        open_id: schema.text(32),
        operation_id: schema.ref,
        value: schema.whole,
        remaining: schema.whole,
        live: schema.flag,
        expires_at: schema.instant,
      },
      {
        indexes: {
          idx_gold_lots_user: ['open_id', 'live', 'expires_at'],
          idx_gold_lots_expiry: ['live', 'expires_at'],
        },
        checks: { chk_gold_lots_remaining: 'remaining BETWEEN 0 AND value' },
      },
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['gold_lots', 'linkv_operations', 'linkv_users', 'linkv_apps']) await runner.dropTable(table);
  }

  private async createOperations(schema: Schema): Promise<void> {
    await schema.createTable(
      'linkv_operations',
      {
        id: schema.counter,
        app_id: schema.text(64),
        request_id: schema.text(64),
        content_hash: schema.text(64),
        open_id: schema.text(32),
        type: schema.small,
        value: schema.whole,
        order_id: schema.text(64, { isNullable: true }),
        money: { ...schema.whole, isNullable: true },
        platform: schema.text(16),
        reason: schema.text(255),
        balance: { ...schema.whole, isNullable: true },
        created_at: schema.instant,
      },
      {
        uniques: {
          uq_linkv_operations_request: ['app_id', 'request_id'],
          uq_linkv_operations_order: ['app_id', 'type', 'order_id'],
        },
      },
    );
  }
}
