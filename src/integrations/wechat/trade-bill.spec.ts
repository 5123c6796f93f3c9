import { describe, expect, it } from '@jest/globals';
import { fenOfYuan } from '../../common/money.js';
import { parseTradeBill } from './trade-bill.js';

const TITLES =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
const SUMMARY = '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';
const PAID =
  '`2026-11-20 10:00:00,`wx1,`1900000001,`0,`,`4200001,`T1,`oA,`JSAPI,`SUCCESS,`OTHERS,`CNY,`1.15,`0.00,`0,`0,`0.00,`0.00,`,`,`苹果, 两斤`红`,`,`0.00000,`0.60%,`1.15,`0.00,`';
const REFUNDED =
  '`2026-11-20 11:00:00,`wx1,`1900000001,`0,`,`4200001,`T1,`oA,`JSAPI,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`503,`R1,`0.29,`0.00,`ORIGINAL,`SUCCESS,`苹果,`,`0.00000,`0.60%,`0.00,`0.29,`';

function file(rows: string[], summary: string): string {
  return `\uFEFF${[TITLES, ...rows, SUMMARY, summary].join('\r\n')}\r\n`;
}

describe("WeChat's trade bill", () => {
  it('is read with byte order mark, backticks and commas inside cells', () => {
    const bill = parseTradeBill(file([PAID, REFUNDED], '`2,`1.15,`0.29,`0.00,`0.00000,`1.15,`0.29'));
    expect(bill?.summary).toEqual({ count: 2, total: 115, refund: 29 });
    expect(bill?.rows[0]).toMatchObject({
      outTradeNo: 'T1',
      total: 115,
      refund: 0,
      outRefundNo: null,
      currency: 'CNY',
    });
    expect(bill?.rows[1]).toMatchObject({ outRefundNo: 'R1', refundId: '503', refund: 29, refundStatus: 'SUCCESS' });
  });

  it('is refused when its summary does not fit, or it is something else', () => {
    expect(parseTradeBill(file([PAID], '`2,`1.15,`0.00,`0.00,`0.00000,`1.15,`0.00'))).toBeNull();
    expect(parseTradeBill(file([PAID], '`1,`1.16,`0.00,`0.00,`0.00000,`1.16,`0.00'))).toBeNull();
    expect(parseTradeBill(file([PAID.replace('`1.15,`0.00,`\n', '')], 'nonsense'))).toBeNull();
    expect(parseTradeBill('<html>502</html>')).toBeNull();
    expect(parseTradeBill('')).toBeNull();
  });

  it('moves digits instead of calculating in yuan', () => {
    expect(['1.15', '0.29', '1001.10', '12', '0.1', '0.00', '123456789012.34'].map(fenOfYuan)).toEqual([
      115, 29, 100_110, 1200, 10, 0, 12_345_678_901_234,
    ]);
    expect(['', '1.', '.5', '1.234', '-1.00', '1e3', '1,000.00', ' 1'].map(fenOfYuan)).toEqual(Array(8).fill(null));
  });
});
