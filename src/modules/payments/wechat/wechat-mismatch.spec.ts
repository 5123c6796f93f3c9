import { describe, expect, it } from '@jest/globals';
import { fen } from '../../../common/money.js';
import type { WechatRefund, WechatTransaction } from '../../../integrations/wechat/pay.types.js';
import { refundMismatch, transactionMismatch } from './wechat-mismatch.js';

const attempt = { amount: fen(100), appId: 'wx1', openid: 'oA', outTradeNo: 'T1', transactionId: null };
const paid: WechatTransaction = {
  appId: 'wx1',
  mchId: '1900',
  outTradeNo: 'T1',
  transactionId: '4200',
  tradeType: 'JSAPI',
  tradeState: 'SUCCESS',
  successTime: new Date(0),
  payerOpenid: 'oA',
  total: fen(100),
  currency: 'CNY',
};

describe('transactionMismatch', () => {
  it('compares the order amount, not what the user paid after WeChat coupons', () => {
    expect(transactionMismatch(attempt, paid, '1900')).toBeNull();
  });

  it('takes REFUND for paid', () => {
    expect(transactionMismatch(attempt, { ...paid, tradeState: 'REFUND' }, '1900')).toBeNull();
  });

  it.each([
    [{ tradeState: 'NOTPAY' }, 'trade_state'],
    [{ tradeState: 'CLOSED' }, 'trade_state'],
    [{ tradeState: 'PAYERROR' }, 'trade_state'],
    [{ mchId: '1901' }, 'mchid'],
    [{ appId: 'wx2' }, 'appid'],
    [{ outTradeNo: 'T2' }, 'out_trade_no'],
    [{ total: fen(99) }, 'amount'],
    [{ total: fen(101) }, 'amount'],
    [{ total: null }, 'amount'],
    [{ currency: 'USD' }, 'currency'],
    [{ currency: null }, 'currency'],
    [{ payerOpenid: 'oB' }, 'openid'],
    [{ payerOpenid: null }, 'openid'],
    [{ transactionId: null }, 'transaction_id'],
  ] as const)('names what differs in %j', (change, field) => {
    expect(transactionMismatch(attempt, { ...paid, ...change }, '1900')).toBe(field);
  });

  it('asks for no payer where none was named, and for the same transaction once one is booked', () => {
    expect(transactionMismatch({ ...attempt, openid: null }, { ...paid, payerOpenid: 'oX' }, '1900')).toBeNull();
    expect(transactionMismatch({ ...attempt, transactionId: '4201' }, paid, '1900')).toBe('transaction_id');
  });

  it('fits nothing while no merchant is configured', () => {
    expect(transactionMismatch(attempt, paid, null)).toBe('mchid');
  });
});

describe('refundMismatch', () => {
  const expected = { ...attempt, transactionId: '4200', refund: fen(30) };
  const refund: WechatRefund = {
    mchId: '1900',
    refundId: '5030',
    outRefundNo: 'R1',
    transactionId: '4200',
    outTradeNo: 'T1',
    status: 'SUCCESS',
    successTime: null,
    refund: fen(30),
    total: fen(100),
  };

  it('fits', () => {
    expect(refundMismatch(expected, refund, '1900')).toBeNull();
    expect(refundMismatch(expected, { ...refund, mchId: null }, '1900')).toBeNull();
  });

  it.each([
    [{ mchId: '1901' }, 'mchid'],
    [{ outTradeNo: 'T2' }, 'out_trade_no'],
    [{ transactionId: '4201' }, 'transaction_id'],
    [{ total: fen(101) }, 'amount'],
    [{ refund: fen(31) }, 'refund'],
  ])('names what differs in %j', (change, field) => {
    expect(refundMismatch(expected, { ...refund, ...change }, '1900')).toBe(field);
  });
});
