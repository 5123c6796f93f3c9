import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { notFound } from '../../common/domain-error.js';
import type { Fen } from '../../common/money.js';
import { Database } from '../../database/database.js';
import type { SqlValue } from '../../database/sql.js';
import { Transactions } from '../../database/transactions.js';

/** Times in milliseconds. */
export interface RechargeItem {
  readonly id: number;
  readonly name: string;
  /** What the user pays, all of which becomes balance. */
  readonly money: Fen;
  /** The bonus on top. */
  readonly charge: Fen;
  readonly description: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type RechargeItemDraft = Pick<RechargeItem, 'name' | 'money' | 'charge' | 'description'>;

const SELECT =
  'SELECT id, name, money, charge, description, created_at AS createdAt, updated_at AS updatedAt FROM recharge_items ' +
  'WHERE deleted_at IS NULL';

/** What balance can be bought with. */
@Injectable()
export class RechargeItems {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** In the order they were added. */
  async list(): Promise<RechargeItem[]> {
    return this.database.read<RechargeItem>(`${SELECT} ORDER BY id`);
  }

  /** @throws DomainError `not_found`, also for a deleted one */
  async get(id: number): Promise<RechargeItem> {
    const item = await this.database.readOne<RechargeItem>(`${SELECT} AND id = ?`, [id]);
    if (!item) throw notFound('recharge item');
    return item;
  }

  async add({ name, money, charge, description }: RechargeItemDraft): Promise<number> {
    const now = this.clock.now();
    return this.transactions.run(async (tx) => {
      const { insertId } = await tx.execute(
        'INSERT INTO recharge_items (name, money, charge, description, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)',
        [name, money, charge, description, now, now],
      );
      return insertId;
    });
  }

  /** Omitted fields stay; payments that were made keep what they were made with. @throws DomainError `not_found` */
  async modify(
    id: number,
    change: { readonly [K in keyof RechargeItemDraft]?: RechargeItemDraft[K] | undefined },
  ): Promise<void> {
    const { name, money, charge, description } = change;
    const given = Object.entries({ name, money, charge, description }).filter(([, value]) => value !== undefined);
    await this.update(id, Object.fromEntries(given) as Record<string, SqlValue>);
  }

  /** @throws DomainError `not_found` */
  async remove(id: number): Promise<void> {
    await this.update(id, { deleted_at: this.clock.now() });
  }

  private async update(id: number, values: Readonly<Record<string, SqlValue>>): Promise<void> {
    const assignments = Object.keys(values).map((column) => `${column} = ?, `);
    await this.transactions.run(async (tx) => {
      const { affected } = await tx.execute(
        `UPDATE recharge_items SET ${assignments.join('')}updated_at = ? WHERE id = ? AND deleted_at IS NULL`,
        [...Object.values(values), this.clock.now(), id],
      );
      if (affected === 0) throw notFound('recharge item');
    });
  }
}
