import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { notFound } from '../../../common/domain-error.js';
import type { Tx } from '../../../database/transactions.js';
import { AccountUsage } from '../../users/account-usage.decorator.js';
import { Payment } from './payment.entity.js';
import { Recharge } from './recharge.entity.js';

@Injectable()
export class RechargeStore {
  constructor(@InjectRepository(Recharge) private readonly recharges: Repository<Recharge>) {}

  /** What a recharge payment was made for. @throws DomainError `not_found` */
  async get(paymentId: number): Promise<Recharge> {
    const recharge = await this.recharges.findOneBy({ paymentId });
    if (!recharge) throw notFound('recharge');
    return recharge;
  }

  async insert(tx: Tx, recharge: Recharge): Promise<void> {
    await tx.manager.insert(Recharge, recharge);
  }

  /** An account whose recharge may still be paid keeps its owner. */
  @AccountUsage()
  hasPendingPayments(tx: Tx, userId: number): Promise<boolean> {
    return tx.manager.existsBy(Payment, { status: 'pending', userId });
  }
}
