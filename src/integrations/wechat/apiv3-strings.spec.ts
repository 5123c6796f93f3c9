import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { appMessage, authorization, miniProgramMessage, requestMessage, responseMessage } from './apiv3-strings.js';

const NONCE = 'ABCDEF0123456789ABCDEF0123456789';
const TIME = '1795180000';
const APP = 'wx0000000000000001';
const PREPAY = 'wx20112000000000000000000000000001';
const BODY =
  '{"appid":"wx0000000000000001","mchid":"1900000001","description":"测试商品","out_trade_no":"T20261120000001","notify_url":"https://mall.example/wx/notify","amount":{"total":1,"currency":"CNY"},"payer":{"openid":"oTest000000000000000000000001"}}';

function sizeAndDigest(message: string | Buffer): [number, string] {
  return [Buffer.byteLength(message), createHash('sha256').update(message).digest('hex')];
}

describe('the texts that APIv3 signs', () => {
  it('joins a request with a body', () => {
    expect(Buffer.byteLength(BODY)).toBe(248);
    expect(sizeAndDigest(requestMessage('POST', '/v3/pay/transactions/jsapi', TIME, NONCE, BODY))).toEqual([
      325,
      'd88ebe577dc69cafccc345e4051dd89bd8b5fe5cba936c86211ab65d9c6f119c',
    ]);
  });

  it('joins a request without a body', () => {
    const target = '/v3/pay/transactions/out-trade-no/T20261120000001?mchid=1900000001';
    expect(sizeAndDigest(requestMessage('GET', target, TIME, NONCE, ''))).toEqual([
      116,
      '605c6d9db6f82622da22dbc42588f403be895c6f9c1bec40923c8e5dc0bbe2ab',
    ]);
  });

  it('joins what the mini program passes to wx.requestPayment', () => {
    expect(sizeAndDigest(miniProgramMessage(APP, TIME, NONCE, `prepay_id=${PREPAY}`))).toEqual([
      108,
      '253601b1411d20541c37779a498573122739bd18d8c16f26917c75aa5d3227db',
    ]);
  });

  it('joins what the APP SDK takes, with the bare prepay id', () => {
    expect(sizeAndDigest(appMessage(APP, TIME, NONCE, PREPAY))).toEqual([
      98,
      'a34ccdd81b3ba1b05239666130ab3f31017fa538af5709fe99e5746fd96d4272',
    ]);
  });

  it('joins an answer with an empty body', () => {
    expect(sizeAndDigest(responseMessage(TIME, NONCE, Buffer.alloc(0)))).toEqual([
      45,
      'ceb4f896cde6352e8370b7074fc2377a02d59278ae5d63c4a9d8b4315ac806a3',
    ]);
  });

  it('writes the Authorization header', () => {
    const fields = { mchId: '19', nonce: 'N', timestamp: '1', serialNo: 'AB', signature: 'c2ln' };
    expect(authorization(fields)).toBe(
      'WECHATPAY2-SHA256-RSA2048 mchid="19",nonce_str="N",timestamp="1",serial_no="AB",signature="c2ln"',
    );
  });
});
