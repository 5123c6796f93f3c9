import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, type Repository } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { DomainError, notFound } from '../../../common/domain-error.js';
import { insertedId } from '../../../database/repositories.js';
import { Transactions } from '../../../database/transactions.js';
import { RechargeItem } from '../records/recharge.entity.js';

export type RechargeItemDraft = Pick<RechargeItem, 'name' | 'money' | 'charge' | 'description'>;

/** The list of them has no pages. */
const MAX_ITEMS = 100;
const PRESENT = { deletedAt: IsNull() };

/** What balance can be bought with. */
@Injectable()
export class RechargeItems {
  constructor(
    @InjectRepository(RechargeItem) private readonly items: Repository<RechargeItem>,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** In the order they were added. */
  list(): Promise<RechargeItem[]> {
    return this.items.find({ where: PRESENT, order: { id: 'ASC' } });
  }

  /** @throws DomainError `not_found`, also for a deleted one */
  async get(id: number): Promise<RechargeItem> {
    const item = await this.items.findOneBy({ id, ...PRESENT });
    if (!item) throw notFound('recharge item');
    return item;
  }

  /** Returns its id. @throws DomainError `conflict` beyond 100 */
  async add({ name, money, charge, description }: RechargeItemDraft): Promise<number> {
    const now = this.clock.now();
    const item = { name, money, charge, description, createdAt: now, updatedAt: now };
    return this.transactions.run(async (tx) => {
      const count = await tx.manager.countBy(RechargeItem, PRESENT);
      if (count >= MAX_ITEMS) throw new DomainError('conflict', `at most ${MAX_ITEMS} recharge items`);
      return insertedId(await tx.manager.insert(RechargeItem, item));
    });
  }

  /** Omitted fields stay; payments that were made keep what they were made with. @throws DomainError `not_found` */
  async modify(id: number, { name, money, charge, description }: Partial<RechargeItemDraft>): Promise<void> {
    await this.update(id, { name, money, charge, description });
  }

  /** @throws DomainError `not_found` */
  async remove(id: number): Promise<void> {
    await this.update(id, { deletedAt: this.clock.now() });
  }

  /** What is undefined stays as it is. */
  private async update(id: number, change: Partial<RechargeItem>): Promise<void> {
    const { affected } = await this.transactions.run((tx) =>
      tx.manager.update(RechargeItem, { id, ...PRESENT }, { ...change, updatedAt: this.clock.now() }),
    );
    if (affected === 0) throw notFound('recharge item');
  }
}
