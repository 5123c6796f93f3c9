import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Schema } from '../src/database/schema.js';

/** The number of each status was 1 more than its place here. */
const WORDS = ['pendingPayment', 'awaitingReceipt', 'awaitingReview', 'completed', 'closed', 'refunded'];
const COLUMNS = { orders: ['status'], order_history: ['from_status', 'to_status'] };

/** Statuses of orders as words; the numbers are what api-v1 calls them. */
export class OrderStatusWords1796000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const schema = new Schema(runner);
    for (const [table, columns] of Object.entries(COLUMNS)) {
      await schema.changeTypes(table, Object.fromEntries(columns.map((column) => [column, schema.text(24)])));
      await translate(runner, table, columns, (word, number) => `WHEN '${number}' THEN '${word}'`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    const schema = new Schema(runner);
    for (const [table, columns] of Object.entries(COLUMNS)) {
      await translate(runner, table, columns, (word, number) => `WHEN '${word}' THEN '${number}'`);
      await schema.changeTypes(table, Object.fromEntries(columns.map((column) => [column, schema.small])));
    }
  }
}

/** What is translated already stays: MySQL commits each ALTER, so a broken migration runs again from its beginning. */
async function translate(
  runner: QueryRunner,
  table: string,
  columns: readonly string[],
  when: (word: string, number: number) => string,
): Promise<void> {
  const cases = WORDS.map((word, index) => when(word, index + 1)).join(' ');
  const assignments = columns.map((column) => `${column} = CASE ${column} ${cases} ELSE ${column} END`);
  await runner.query(`UPDATE ${table} SET ${assignments.join(', ')}`);
}
