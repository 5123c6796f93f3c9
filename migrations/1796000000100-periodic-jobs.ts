import { TableColumn, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { Schema } from '../src/database/schema.js';

/** These are called otherwise now, and their rows would be nobody's. */
const FORMER_NAMES = "'auth.forget', 'idempotency.forget', 'linkv-expiry'";

/** Every job is periodic: one row per name, no payload. */
export class PeriodicJobs1796000000100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("DELETE FROM jobs WHERE job_key IS NULL OR job_key NOT LIKE 'every:%'");
    await runner.query(`DELETE FROM jobs WHERE name IN (${FORMER_NAMES})`);
    await runner.dropIndex('jobs', 'uq_jobs_key');
    await runner.dropColumns('jobs', ['job_key', 'payload', 'revision']);
    await runner.createIndex('jobs', new TableIndex({ name: 'uq_jobs_name', columnNames: ['name'], isUnique: true }));
  }

  /** Without its rows, which every start makes again. */
  async down(runner: QueryRunner): Promise<void> {
    const schema = new Schema(runner);
    await runner.query('DELETE FROM jobs');
    await runner.dropIndex('jobs', 'uq_jobs_name');
    await runner.addColumns('jobs', [
      new TableColumn({ name: 'job_key', ...schema.text(191, { isNullable: true }) }),
      new TableColumn({ name: 'payload', ...schema.longText }),
      new TableColumn({ name: 'revision', ...schema.small }),
    ]);
    await runner.createIndex('jobs', new TableIndex({ name: 'uq_jobs_key', columnNames: ['job_key'], isUnique: true }));
  }
}
