import { Injectable } from '@nestjs/common';
import { allocate, fen, type Fen } from '../../../common/money.js';
import type { Tx } from '../../../database/transactions.js';
import { account } from '../../ledger/chart-of-accounts.js';
import { LedgerService } from '../../ledger/ledger.service.js';
import type { Posting } from '../../ledger/posting.js';
import type { PaymentOrder } from '../records/payment-order.entity.js';
import { posting } from '../records/payment-postings.js';
import type { Recharge } from '../records/recharge.entity.js';
import type { RefundPart } from '../records/refund-store.js';

/** Where the money of a refund at WeChat comes from. */
export interface Clawed {
  readonly postings: Posting[];
  /** What nobody's balance covers any more. */
  readonly loss: Fen;
}

const WECHAT = account.platform('wechat');
const RECEIVABLE = account.platform('receivable');

/** Takes money that is gone at WeChat from whoever had it; what he has no more is a loss. */
@Injectable()
export class Clawback {
  constructor(private readonly ledger: LedgerService) {}

  async fromMerchants(
    tx: Tx,
    shares: readonly PaymentOrder[],
    parts: readonly RefundPart[],
    refund: Fen,
  ): Promise<Clawed> {
    const postings: Posting[] = [];
    let left: number = refund;
    for (const share of shares) {
      const part = parts.find((one) => one.orderId === share.orderId)?.amount ?? 0;
      const payable = account.merchantPayable(share.merchantId);
      const held = await this.ledger.lockBalance(tx, payable, 'CNY');
      const before = postings.filter((one) => one.source === payable).reduce((sum, one) => sum + one.amount, 0);
      const taken = fen(Math.min(part, held - before));
      postings.push(...posting(payable, WECHAT, taken));
      left -= taken;
    }
    const loss = fen(left);
    return { postings: [...postings, ...posting(RECEIVABLE, WECHAT, loss)], loss };
  }

  /** The bonus is taken back first, in proportion to a part; what the balance no longer holds is the user's debt. */
  async fromUser(tx: Tx, { userId, money, charge }: Recharge, refund: Fen): Promise<Clawed> {
    const balance = account.userBalance(userId);
    const bonus = account.platform('bonus');
    const held = await this.ledger.lockBalance(tx, balance, 'CNY');
    const back = Number((BigInt(charge) * BigInt(refund)) / BigInt(money));
    const fromBonus = fen(Math.min(held, back));
    const fromMoney = fen(Math.min(held - fromBonus, refund));
    const [lostBonus, lostMoney] = [fen(back - fromBonus), fen(refund - fromMoney)];
    return {
      postings: [
        ...posting(balance, bonus, fromBonus),
        ...posting(RECEIVABLE, bonus, lostBonus),
        ...posting(balance, WECHAT, fromMoney),
        ...posting(RECEIVABLE, WECHAT, lostMoney),
      ],
      loss: fen(lostBonus + lostMoney),
    };
  }
}

/** A refund over all orders of a payment, by what is left of each order's share; beyond that nobody's share is touched. */
export function divideRefund(shares: readonly PaymentOrder[], refund: Fen): RefundPart[] {
  const left = shares.map((share) => share.amount - share.reserved);
  const all = left.reduce((sum, amount) => sum + amount, 0);
  if (all === 0) return [];
  const parts = allocate(fen(Math.min(refund, all)), left);
  return shares
    .map((share, index) => ({ orderId: share.orderId, amount: parts[index] }))
    .filter((part) => part.amount > 0);
}
