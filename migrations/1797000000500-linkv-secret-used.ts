import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { Schema } from '../src/database/schema.js';

/** Whether an app's newest secret has been used tells a repeated rotation from another one. */
export class LinkvSecretUsed1797000000500 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { instant } = new Schema(runner);
    await runner.addColumn('linkv_apps', new TableColumn({ name: 'secret_used_at', ...instant, isNullable: true }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('linkv_apps', 'secret_used_at');
  }
}
