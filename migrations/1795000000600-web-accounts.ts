import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Schema } from '../src/database/schema.js';

export class WebAccounts1795000000600 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const schema = new Schema(runner);
    await schema.createTable('passwords', {
      user_id: { ...schema.ref, isPrimary: true },
      hash: schema.text(255),
      updated_at: schema.instant,
    });
    await schema.createTable(
      'login_failures',
      { id: schema.counter, subject: schema.text(80), failed_at: schema.instant },
      { indexes: { idx_login_failures_subject: ['subject', 'failed_at'], idx_login_failures_failed: ['failed_at'] } },
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['login_failures', 'passwords']) await runner.dropTable(table);
  }
}
