import { Injectable } from '@nestjs/common';
import { notFound } from '../../common/domain-error.js';
import type { Fen } from '../../common/money.js';
import { Database } from '../../database/database.js';
import type { Tx } from '../../database/transactions.js';

/** What a recharge payment was made for, as it was then. */
export interface Recharge {
  readonly paymentId: number;
  readonly userId: number;
  readonly itemId: number;
  readonly name: string;
  readonly money: Fen;
  readonly charge: Fen;
}

@Injectable()
export class RechargeStore {
  constructor(private readonly database: Database) {}

  async get(paymentId: number): Promise<Recharge> {
    const row = await this.database.readOne<Recharge>(
      `SELECT payment_id AS paymentId, user_id AS userId, item_id AS itemId, name, money, charge
       FROM recharges WHERE payment_id = ?`,
      [paymentId],
    );
    if (!row) throw notFound('recharge');
    return row;
  }

  async insert(tx: Tx, { paymentId, userId, itemId, name, money, charge }: Recharge): Promise<void> {
    await tx.execute(
      'INSERT INTO recharges (payment_id, user_id, item_id, name, money, charge) VALUES (?, ?, ?, ?, ?, ?)',
      [paymentId, userId, itemId, name, money, charge],
    );
  }
}
