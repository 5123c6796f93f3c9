import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Schema } from '../src/database/schema.js';

const TABLES = [
  'payments',
  'payment_orders',
  'refunds',
  'payment_notifications',
  'payment_alerts',
  'bill_days',
  'bill_differences',
  'recharge_items',
  'recharges',
];

export class Payments1795000000500 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const schema = new Schema(runner);
    await createPayments(schema);
    await createRefunds(schema);
    await createWatch(schema);
    await createRecharges(schema);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.dropTable(table);
  }
}

const nullable = { isNullable: true };

async function createPayments(schema: Schema): Promise<void> {
  await schema.createTable(
    'payments',
    {
      id: schema.counter,
      kind: schema.text(10),
      user_id: schema.ref,
      channel: schema.text(10),
      status: schema.text(10),
      amount: schema.whole,
      reserved: schema.whole,
      refunded: schema.whole,
      out_trade_no: schema.text(32, nullable),
      transaction_id: schema.text(64, nullable),
      trade_type: schema.text(10, nullable),
      app_id: schema.text(64, nullable),
      openid: schema.text(128, nullable),
      parameters: { ...schema.longText, ...nullable },
      closing: schema.flag,
      next_check_at: { ...schema.instant, ...nullable },
      checks: schema.small,
      expires_at: { ...schema.instant, ...nullable },
      captured_at: { ...schema.instant, ...nullable },
      created_at: schema.instant,
      updated_at: schema.instant,
    },
    {
      uniques: { uq_payments_out_trade_no: ['out_trade_no'], uq_payments_transaction: ['transaction_id'] },
      indexes: {
        idx_payments_check: ['status', 'next_check_at'],
        idx_payments_captured: ['channel', 'captured_at'],
      },
    },
  );
  await schema.createTable(
    'payment_orders',
    {
      payment_id: { ...schema.ref, isPrimary: true },
      order_id: { ...schema.ref, isPrimary: true },
      merchant_id: schema.ref,
      product_id: schema.ref,
      name: schema.text(200),
      amount: schema.whole,
      coupon: schema.whole,
      applied: schema.flag,
      reserved: schema.whole,
      refunded: schema.whole,
      cancellation: schema.text(300, nullable),
    },
    { indexes: { idx_payment_orders_order: ['order_id'] } },
  );
}

async function createRefunds(schema: Schema): Promise<void> {
  await schema.createTable(
    'refunds',
    {
      id: schema.counter,
      payment_id: schema.ref,
      order_id: { ...schema.ref, ...nullable },
      origin: schema.text(10),
      user_id: { ...schema.ref, ...nullable },
      status: schema.text(10),
      amount: schema.whole,
      coupon: schema.whole,
      out_refund_no: schema.text(64, nullable),
      parameters: { ...schema.longText, ...nullable },
      reason: schema.text(255),
      ledger_id: { ...schema.ref, ...nullable },
      next_check_at: { ...schema.instant, ...nullable },
      checks: schema.small,
      finished_at: { ...schema.instant, ...nullable },
      created_at: schema.instant,
      updated_at: schema.instant,
    },
    {
      uniques: { uq_refunds_out_refund_no: ['out_refund_no'] },
      indexes: {
        idx_refunds_payment: ['payment_id'],
        idx_refunds_check: ['status', 'next_check_at'],
        idx_refunds_created: ['created_at'],
      },
    },
  );
}

/** What is remembered about WeChat's messages and bills. */
async function createWatch(schema: Schema): Promise<void> {
  await schema.createTable(
    'payment_notifications',
    {
      id: schema.text(64, { isPrimary: true }),
      event_type: schema.text(64),
      out_trade_no: schema.text(64),
      received_at: schema.instant,
    },
    { indexes: { idx_payment_notifications_received: ['received_at'] } },
  );
  await schema.createTable(
    'payment_alerts',
    {
      id: schema.counter,
      fingerprint: schema.text(64),
      kind: schema.text(32),
      subject: schema.text(64),
      detail: schema.longText,
      count: schema.small,
      created_at: schema.instant,
    },
    { uniques: { uq_payment_alerts_fingerprint: ['fingerprint'] } },
  );
  await schema.createTable('bill_days', {
    bill_date: schema.text(10, { isPrimary: true }),
    matched_at: schema.instant,
  });
  await schema.createTable(
    'bill_differences',
    {
      id: schema.counter,
      bill_date: schema.text(10),
      out_trade_no: schema.text(64),
      kind: schema.text(24),
      ours: { ...schema.whole, ...nullable },
      theirs: { ...schema.whole, ...nullable },
    },
    { indexes: { idx_bill_differences_date: ['bill_date'] } },
  );
}

async function createRecharges(schema: Schema): Promise<void> {
  await schema.createTable('recharge_items', {
    id: schema.counter,
    name: schema.text(64),
    money: schema.whole,
    charge: schema.whole,
    description: schema.text(500),
    deleted_at: { ...schema.instant, ...nullable },
    created_at: schema.instant,
    updated_at: schema.instant,
  });
  await schema.createTable(
    'recharges',
    {
      payment_id: { ...schema.ref, isPrimary: true },
      user_id: schema.ref,
      item_id: schema.ref,
      name: schema.text(64),
      money: schema.whole,
      charge: schema.whole,
    },
    { indexes: { idx_recharges_user: ['user_id'] } },
  );
}
