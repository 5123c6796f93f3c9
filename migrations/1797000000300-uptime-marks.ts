import { TableColumn, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { Schema } from '../src/database/schema.js';

const KEYS = 'idempotency_keys';
const BY_MARK = new TableIndex({ name: 'idx_idempotency_keys_mark', columnNames: ['uptime_mark'] });
const BY_TIME = new TableIndex({ name: 'idx_idempotency_keys_created', columnNames: ['created_at'] });

/** Idempotency keys are forgotten by the uptime that has passed, not by a clock. Those that are there count from now on. */
export class UptimeMarks1797000000300 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const schema = new Schema(runner);
    await schema.createTable('uptime_marks', { id: { ...schema.ref, isPrimary: true }, created_at: schema.instant });
    await runner.addColumn(KEYS, new TableColumn({ name: 'uptime_mark', ...schema.whole, default: 0 }));
    await runner.createIndex(KEYS, BY_MARK);
    await runner.dropIndex(KEYS, BY_TIME);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.createIndex(KEYS, BY_TIME);
    await runner.dropIndex(KEYS, BY_MARK);
    await runner.dropColumn(KEYS, 'uptime_mark');
    await runner.dropTable('uptime_marks');
  }
}
