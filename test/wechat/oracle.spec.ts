import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import wechatpay from 'wechatpay-axios-plugin';
import { fen } from '../../src/common/money.js';
import { authorization, requestMessage } from '../../src/integrations/wechat/apiv3-strings.js';
import { MerchantSigner } from '../../src/integrations/wechat/merchant-signer.js';
import type { WechatPayClient } from '../../src/integrations/wechat/wechat-pay.client.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { MINI_PROGRAM, newNumber, OPENID, payConfig, Receiver, startedClient, startWechat } from './support.js';

const { Aes, Formatter, Rsa, Wechatpay } = wechatpay;

interface Answer {
  readonly status: number;
  readonly data: Record<string, unknown>;
}

/** An independent implementation of APIv3 (npm `wechatpay-axios-plugin`) judges both sides. */
describe('an independent APIv3 client', () => {
  let simulator: Simulator;
  let client: WechatPayClient;
  let receiver: Receiver;

  beforeAll(async () => {
    receiver = await Receiver.start();
    simulator = await startWechat();
    client = await startedClient(payConfig(simulator, receiver.url, 'both'));
  });
  afterAll(async () => {
    await simulator.close();
    await receiver.close();
  });

  function stranger(certs: Record<string, string>, headers: Record<string, string> = {}) {
    const { mchId, merchantSerial, merchantPrivateKey } = simulator.keys;
    const wxpay = new Wechatpay({
      mchid: mchId,
      serial: merchantSerial,
      privateKey: merchantPrivateKey,
      certs,
      baseURL: simulator.url,
      proxy: false,
    });
    return async (path: string, data?: object): Promise<Answer> => {
      try {
        const config = { headers, validateStatus: (status: number) => status < 300 };
        const call = wxpay.chain(path);
        return await (data ? call.post(data, config) : call.get(config));
      } catch (error) {
        const { response, code } = error as { response?: Answer; code?: string };
        return { status: response?.status ?? 0, data: { ...response?.data, code: response?.data?.['code'] ?? code } };
      }
    };
  }

  it('pays, queries, refunds and closes at the simulator in both key modes', async () => {
    const { platformSerial, platformCertificate, publicKeyId, publicKey, mchId } = simulator.keys;
    const modes: [Record<string, string>, Record<string, string>][] = [
      [{ [platformSerial]: platformCertificate }, {}],
      [{ [publicKeyId]: publicKey }, { 'Wechatpay-Serial': publicKeyId }],
    ];
    for (const [certs, headers] of modes) {
      const request = stranger(certs, headers);
      const outTradeNo = newNumber('S');
      const prepay = await request('v3/pay/transactions/jsapi', {
        appid: MINI_PROGRAM.appId,
        mchid: mchId,
        description: '测试商品',
        out_trade_no: outTradeNo,
        notify_url: receiver.url,
        amount: { total: 100, currency: 'CNY' },
        payer: { openid: OPENID },
      });
      expect(prepay.data['prepay_id']).toMatch(/^wx/);
      simulator.control.pay({ outTradeNo });
      const query = await request(`v3/pay/transactions/out-trade-no/${outTradeNo}?mchid=${mchId}`);
      expect(query.data).toMatchObject({ trade_state: 'SUCCESS', amount: { total: 100 } });
      const refund = await request('v3/refund/domestic/refunds', {
        out_trade_no: outTradeNo,
        out_refund_no: newNumber('SR'),
        amount: { refund: 1, total: 100, currency: 'CNY' },
      });
      expect(refund.data['status']).toBe('PROCESSING');
      const close = await request(`v3/pay/transactions/out-trade-no/${outTradeNo}/close`, { mchid: mchId });
      expect(close).toMatchObject({ status: 403, data: { code: 'ORDERPAID' } });
    }
  });

  it('rejects what the simulator signs with a wrong key, not at all, or too late', async () => {
    const { publicKeyId, publicKey, mchId } = simulator.keys;
    const request = stranger({ [publicKeyId]: publicKey }, { 'Wechatpay-Serial': publicKeyId });
    const outTradeNo = newNumber();
    await client.prepayJsapi({ outTradeNo, description: '商品', total: fen(1), openid: OPENID });
    const target = `v3/pay/transactions/out-trade-no/${outTradeNo}?mchid=${mchId}`;
    const expected = {
      wrong_key: 'EV3_RES_HEADER_SIGNATURE_DIGEST',
      wrong_serial: 'EV3_RES_HEADER_PLATFORM_SERIAL',
      unsigned: 'EV3_RES_HEADERS_INCOMPLATE',
      skewed: 'EV3_RES_HEADER_TIMESTAMP_OFFSET',
    } as const;
    for (const [kind, code] of Object.entries(expected)) {
      simulator.control.failNext('query', { kind: kind as keyof typeof expected });
      expect((await request(target)).data['code']).toBe(code);
    }
    expect((await request(target)).data['trade_state']).toBe('NOTPAY');
  });

  it('downloads and opens the platform certificate', async () => {
    const { platformSerial, platformCertificate, apiV3Key } = simulator.keys;
    const answer = await stranger({ [platformSerial]: platformCertificate })('v3/certificates');
    const [entry] = answer.data['data'] as {
      serial_no: string;
      encrypt_certificate: { nonce: string; ciphertext: string; associated_data: string };
    }[];
    const { nonce, ciphertext, associated_data: associated } = entry.encrypt_certificate;
    const pem = Aes.AesGcm.decrypt(ciphertext, apiV3Key, nonce, associated);
    expect(pem).toBe(platformCertificate);
    const certificate = new X509Certificate(pem);
    expect(certificate.serialNumber).toBe(entry.serial_no);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });

  it('builds and signs requests exactly as our client does', () => {
    const { merchantPrivateKey, merchantPublicKey, mchId, merchantSerial } = simulator.keys;
    const signed = new MerchantSigner(payConfig(simulator, receiver.url, 'both').pay!, Date.now).authorization(
      'POST',
      '/v3/x?a=%E4%B8%80',
      '{"a":"一"}',
    );
    const field = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(signed)?.[1] ?? '';
    const message = Formatter.request(
      'POST',
      '/v3/x?a=%E4%B8%80',
      field('timestamp'),
      field('nonce_str'),
      '{"a":"一"}',
    );
    expect(requestMessage('POST', '/v3/x?a=%E4%B8%80', field('timestamp'), field('nonce_str'), '{"a":"一"}')).toBe(
      message,
    );
    const key = Rsa.from(merchantPrivateKey, Rsa.KEY_TYPE_PRIVATE);
    expect(field('signature')).toBe(Rsa.sign(message, key));
    const fields = { mchId, nonce: 'N', timestamp: '1795180000', serialNo: merchantSerial, signature: 'c2ln' };
    const theirs = Formatter.authorization(mchId, 'N', 'c2ln', '1795180000', merchantSerial);
    expect(parts(authorization(fields))).toEqual(parts(theirs));
    expect(Rsa.verify(message, field('signature'), Rsa.from(merchantPublicKey, Rsa.KEY_TYPE_PUBLIC))).toBe(true);
  });

  it('confirms the signatures of both payment requests of the front end', () => {
    const { merchantPublicKey } = simulator.keys;
    const key = Rsa.from(merchantPublicKey, Rsa.KEY_TYPE_PUBLIC);
    const mini = client.signMiniProgram('wx123');
    const lines = Formatter.joinedByLineFeed(MINI_PROGRAM.appId, mini.timeStamp, mini.nonceStr, mini.package);
    expect(Rsa.verify(lines, mini.paySign, key)).toBe(true);
    const app = client.signApp('wx123');
    const appLines = Formatter.joinedByLineFeed(app.appid, app.timestamp, app.noncestr, app.prepayid);
    expect(Rsa.verify(appLines, app.sign, key)).toBe(true);
  });

  it('makes notifications that our client opens, and opens those of the simulator', async () => {
    const { publicKeyId, publicKeyPrivateKey, apiV3Key, publicKey, platformSerial, platformCertificate } =
      simulator.keys;
    const outTradeNo = newNumber();
    await client.prepayJsapi({ outTradeNo, description: '商品', total: fen(5), openid: OPENID });
    const sent = simulator.control.composeNotice({ outTradeNo });
    const certs: Record<string, string> = { [publicKeyId]: publicKey, [platformSerial]: platformCertificate };
    const theirKey = Rsa.from(certs[sent.headers['Wechatpay-Serial']], Rsa.KEY_TYPE_PUBLIC);
    const { 'Wechatpay-Timestamp': time, 'Wechatpay-Nonce': nonce, 'Wechatpay-Signature': signature } = sent.headers;
    expect(Rsa.verify(Formatter.response(time, nonce, sent.body), signature, theirKey)).toBe(true);
    const { resource } = JSON.parse(sent.body) as {
      resource: { nonce: string; ciphertext: string; associated_data: string };
    };
    const plain = Aes.AesGcm.decrypt(resource.ciphertext, apiV3Key, resource.nonce, resource.associated_data);
    expect(JSON.parse(plain)).toMatchObject({ out_trade_no: outTradeNo, amount: { total: 5 } });

    const ciphertext = Aes.AesGcm.encrypt(plain, apiV3Key, 'abcdefghijkl', 'transaction');
    const body = JSON.stringify({
      id: 'made-by-the-oracle',
      event_type: 'TRANSACTION.SUCCESS',
      resource: { algorithm: 'AEAD_AES_256_GCM', nonce: 'abcdefghijkl', associated_data: 'transaction', ciphertext },
    });
    const now = String(Formatter.timestamp());
    const key = Rsa.from(publicKeyPrivateKey, Rsa.KEY_TYPE_PRIVATE);
    const headers = {
      'wechatpay-timestamp': now,
      'wechatpay-nonce': 'noncenonce',
      'wechatpay-serial': publicKeyId,
      'wechatpay-signature': Rsa.sign(Formatter.response(now, 'noncenonce', body), key),
    };
    expect(client.openNotify(Buffer.from(body), headers)).toMatchObject({
      ok: true,
      event: { id: 'made-by-the-oracle', transaction: { outTradeNo, total: 5 } },
    });
  });
});

function parts(header: string): string[] {
  return header.split(/[ ,]/).toSorted();
}
