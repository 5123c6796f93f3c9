import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { allocate, fen } from '../../common/money.js';
import { isDuplicateKey } from '../../database/errors.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { WechatPayClient } from '../../integrations/wechat/wechat-pay.client.js';
import { account, type Address } from '../ledger/chart-of-accounts.js';
import { LedgerService, type Posting } from '../ledger/ledger.service.js';
import { SYSTEM } from '../orders/order-settlement.service.js';
import { Inbox, type NotificationRef } from './inbox.js';
import { PaymentAlerts } from './payment-alerts.service.js';
import { posting } from './payment-postings.js';
import { PaymentStore, type Payment, type PaymentShare } from './payment-store.js';
import { RechargeStore, type Recharge } from './recharge-store.js';
import { RefundBooking } from './refund-booking.service.js';
import { RefundStore } from './refund-store.js';
import { refundMismatch } from './wechat-mismatch.js';

/** A successful refund at WeChat whose number is not ours: somebody made it in the merchant console. Fen. */
export interface ExternalRefund {
  readonly mchId: string | null;
  readonly outRefundNo: string;
  readonly outTradeNo: string;
  readonly transactionId: string;
  readonly refund: number;
  readonly total: number;
}

interface Part {
  readonly orderId: number;
  readonly amount: number;
}

const WECHAT = account.platform('wechat');
const RECEIVABLE = account.platform('receivable');

/** The money is gone at WeChat, so the books follow: from whoever had it, and what he has no more is a loss that alarms. */
@Injectable()
export class ExternalRefunds {
  constructor(
    private readonly transactions: Transactions,
    private readonly wechat: WechatPayClient,
    private readonly ledger: LedgerService,
    private readonly payments: PaymentStore,
    private readonly recharges: RechargeStore,
    private readonly refunds: RefundStore,
    private readonly booking: RefundBooking,
    private readonly inbox: Inbox,
    private readonly alerts: PaymentAlerts,
  ) {}

  /** Once per number. @throws DomainError `conflict` when it does not fit the captured payment */
  async record(payment: Payment, found: ExternalRefund, notification?: NotificationRef): Promise<void> {
    const fits = refundMismatch({ ...payment, refund: found.refund }, { ...notice, ...found }, this.wechat.mchId);
    if (fits || payment.status !== 'captured' || found.refund < 1 || found.refund > payment.amount) {
      await this.alerts.raise('mismatch', found.outRefundNo, { field: fits ?? 'payment', theirs: found });
      throw new DomainError('conflict', 'the refund does not fit the payment');
    }
    const recharge = payment.kind === 'recharge' ? await this.recharges.get(payment.id) : null;
    try {
      await this.transactions.run(async (tx) => {
        if (notification && !(await this.inbox.accept(tx, notification))) return;
        await this.book(tx, payment, recharge, found);
      });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  private async book(tx: Tx, payment: Payment, recharge: Recharge | null, found: ExternalRefund): Promise<void> {
    const shares = recharge ? [] : (await this.payments.sharesIn(tx, payment.id)).filter((share) => share.amount > 0);
    const parts = divide(shares, found.refund);
    const taken = recharge
      ? await this.fromUser(tx, recharge, found.refund)
      : await this.fromMerchants(tx, shares, parts, found.refund);
    const reason = '微信侧退款';
    const id = await this.refunds.insert(tx, {
      paymentId: payment.id,
      orderId: parts.length === 1 ? parts[0].orderId : null,
      origin: 'external',
      userId: null,
      status: 'succeeded',
      amount: fen(found.refund),
      coupon: fen(0),
      outRefundNo: found.outRefundNo,
      parameters: null,
      reason,
      nextCheckAt: null,
    });
    const name = recharge?.name ?? shares[0]?.name ?? '';
    const shown = {
      itemId: recharge?.itemId ?? shares[0]?.productId ?? null,
      orderId: shares.length === 1 ? shares[0].orderId : null,
      name,
      reason,
    };
    const posted = await this.ledger.post(tx, {
      key: `refund:${id}`,
      kind: 'refund',
      postings: taken.postings,
      ...shown,
    });
    await this.refunds.linkLedger(tx, id, posted.id);
    await this.refunds.reserveExternal(tx, payment.id, found.refund, parts);
    await this.booking.settled(tx, payment.id, parts, found.refund, { actor: SYSTEM, reason });
    const { outTradeNo, refund } = found;
    await this.alerts.raiseIn(tx, 'external_refund', found.outRefundNo, { outTradeNo, refund });
    if (taken.loss > 0) await this.alerts.raiseIn(tx, 'loss', found.outRefundNo, { outTradeNo, loss: taken.loss });
  }

  private async fromMerchants(
    tx: Tx,
    shares: readonly PaymentShare[],
    parts: readonly Part[],
    total: number,
  ): Promise<{ postings: Posting[]; loss: number }> {
    const postings: Posting[] = [];
    let left = total;
    for (const share of shares) {
      const part = parts.find((one) => one.orderId === share.orderId)?.amount ?? 0;
      const payable = account.merchantPayable(share.merchantId);
      const taken = Math.min(part, (await this.ledger.lockBalance(tx, payable, 'CNY')) - sumFrom(postings, payable));
      postings.push(...posting(payable, WECHAT, taken));
      left -= taken;
    }
    return { postings: [...postings, ...posting(RECEIVABLE, WECHAT, left)], loss: left };
  }

  /** The bonus is taken back first, in proportion to a part; what the balance no longer holds is the user's debt. */
  private async fromUser(
    tx: Tx,
    { userId, money, charge }: Recharge,
    refund: number,
  ): Promise<{ postings: Posting[]; loss: number }> {
    const balance = account.userBalance(userId);
    const bonus = account.platform('bonus');
    const held = await this.ledger.lockBalance(tx, balance, 'CNY');
    const back = Number((BigInt(charge) * BigInt(refund)) / BigInt(money));
    const fromBonus = Math.min(held, back);
    const fromMoney = Math.min(held - fromBonus, refund);
    const loss = back - fromBonus + (refund - fromMoney);
    return {
      postings: [
        ...posting(balance, bonus, fromBonus),
        ...posting(RECEIVABLE, bonus, back - fromBonus),
        ...posting(balance, WECHAT, fromMoney),
        ...posting(RECEIVABLE, WECHAT, refund - fromMoney),
      ],
      loss,
    };
  }
}

/** Members that the comparison of a refund asks for and that say nothing here. */
const notice = { refundId: '', status: 'SUCCESS', successTime: null, payerRefund: null } as const;

/** By what is left of each order's share; beyond that nobody's share is touched. */
function divide(shares: readonly PaymentShare[], refund: number): Part[] {
  const left = shares.map((share) => share.amount - share.reserved);
  const all = left.reduce((sum, amount) => sum + amount, 0);
  if (all === 0) return [];
  const parts = allocate(fen(Math.min(refund, all)), left);
  return shares
    .map((share, index) => ({ orderId: share.orderId, amount: parts[index] }))
    .filter((part) => part.amount > 0);
}

function sumFrom(postings: readonly Posting[], source: Address): number {
  return postings.filter((one) => one.source === source).reduce((sum, one) => sum + one.amount, 0);
}
