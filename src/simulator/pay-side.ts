import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { toBeijingIso } from '../common/beijing-time.js';
import { spoilBody, type CallFault } from './faults.js';
import { header, jsonOf, jsonReply, type Json, type SimReply, type SimRequest } from './http.js';
import { RSA_PEM } from './keys.js';
import type { Parts } from './parts.js';
import type { NoticeKeys } from './notice.js';
import { encryptResource, PayRefusal, requestId, signatureHeaders, type Signer } from './pay-reply.js';
import { verifyRequest } from './request-signature.js';
import type { RouteName } from './routes.js';

const UNSIGNED_ROUTES: readonly RouteName[] = ['billdownload'];

/** WeChat Pay's APIv3 (`api.mch.weixin.qq.com`). */
export class PaySide {
  private rogueKey: string | null = null;
  private notices = 0;

  constructor(private readonly parts: Parts) {}

  /** Checks the signature, executes, signs; `fault` spoils the answer. */
  handle(route: RouteName, request: SimRequest, fault: CallFault | null): SimReply {
    try {
      verifyRequest(request, this.parts.keys, this.parts.clock.signingSeconds());
    } catch (error) {
      if (error instanceof PayRefusal) return withRequestId(error.reply());
      throw error;
    }
    if (fault?.kind === 'error' && !fault.after) return this.errorReply(request, fault);
    const reply = this.execute(route, request);
    if (fault?.kind === 'error') return this.errorReply(request, fault);
    if (UNSIGNED_ROUTES.includes(route) && reply.status === 200) {
      return withRequestId(spoilBody(reply, fault));
    }
    return this.sign(request, spoilBody(reply, fault), fault);
  }

  private errorReply(request: SimRequest, fault: Extract<CallFault, { kind: 'error' }>): SimReply {
    const code = fault.code ?? (fault.status === 429 ? 'FREQUENCY_LIMITED' : 'SYSTEM_ERROR');
    const reply = jsonReply(fault.status, { code, message: '系统繁忙，请稍后重试' });
    return fault.signed === false ? withRequestId(reply) : this.sign(request, reply, null);
  }

  private execute(route: RouteName, request: SimRequest): SimReply {
    try {
      if (route === 'billdownload') return this.parts.bills.download(request.query);
      const result = this.answer(route, request);
      return result ? jsonReply(200, result) : { status: 204, body: '' };
    } catch (error) {
      if (error instanceof PayRefusal) return error.reply();
      throw error;
    }
  }

  private answer(route: RouteName, request: SimRequest): Json | null {
    const { trades, refunds, bills, books } = this.parts;
    const mchId = request.query.get('mchid');
    const id = decodeURIComponent(request.path.split('/')[5] ?? '');
    const answers: Partial<Record<RouteName, () => Json | null>> = {
      prepay_jsapi: () => trades.prepay('JSAPI', jsonOf(request)),
      prepay_app: () => trades.prepay('APP', jsonOf(request)),
      query: () => trades.query(books.trades.get(id), mchId),
      close: () => trades.close(id, jsonOf(request)),
      refund: () => refunds.create(jsonOf(request)),
      query_refund: () => refunds.query(id),
      certificates: () => this.certificates(),
      tradebill: () => bills.request(request.query),
    };
    const answer = answers[route];
    if (!answer) throw new PayRefusal(404, 'RESOURCE_NOT_EXISTS', '接口不存在');
    return answer();
  }

  private certificates(): Json {
    const { keys, keyMode } = this.parts;
    if (keyMode === 'public-key')
      throw new PayRefusal(404, 'RESOURCE_NOT_EXISTS', '无可用的平台证书，请使用微信支付公钥');
    const now = this.parts.clock.now();
    const certificate = encryptResource(keys.apiV3Key, keys.platformCertificate, 'certificate');
    return {
      data: [
        {
          serial_no: keys.platformSerial,
          effective_time: toBeijingIso(now - 86_400_000),
          expire_time: toBeijingIso(now + 5 * 365 * 86_400_000),
          encrypt_certificate: certificate,
        },
      ],
    };
  }

  private sign(request: SimRequest, reply: SimReply, fault: CallFault | null): SimReply {
    if (fault?.kind === 'unsigned' || fault?.kind === 'html') return withRequestId(reply);
    const signer = this.signerFor(header(request, 'wechatpay-serial'));
    if (!signer) return withRequestId(new PayRefusal(400, 'PARAM_ERROR', 'Wechatpay-Serial有误').reply());
    const { clock } = this.parts;
    const seconds = clock.signingSeconds() + (fault?.kind === 'skewed' ? 400 : 0);
    const used: Signer = {
      serial: fault?.kind === 'wrong_serial' ? randomBytes(20).toString('hex').toUpperCase() : signer.serial,
      privateKey: fault?.kind === 'wrong_key' ? this.rogue() : signer.privateKey,
    };
    return withRequestId({ ...reply, headers: { ...reply.headers, ...signatureHeaders(used, seconds, reply.body) } });
  }

  /** Replies are signed by the key the request names; without a name by the older kind that the merchant has. */
  private signerFor(serial: string): Signer | null {
    const { keys, keyMode } = this.parts;
    const certificate: Signer = { serial: keys.platformSerial, privateKey: keys.platformPrivateKey };
    const publicKey: Signer = { serial: keys.publicKeyId, privateKey: keys.publicKeyPrivateKey };
    if (serial === '') return keyMode === 'public-key' ? publicKey : certificate;
    if (serial === keys.publicKeyId && keyMode !== 'certificate') return publicKey;
    return serial === keys.platformSerial && keyMode !== 'public-key' ? certificate : null;
  }

  /** While a merchant moves to the public key, notifications come signed by either; here they take turns. */
  nextNoticeKeys(): NoticeKeys {
    const { keys, keyMode } = this.parts;
    this.notices += 1;
    const byPublicKey = keyMode === 'public-key' || (keyMode === 'both' && this.notices % 2 === 1);
    const signer = this.signerFor(byPublicKey ? keys.publicKeyId : keys.platformSerial);
    if (!signer) throw new Error('This key mode has no signer');
    return { keys, signer, rogueKey: () => this.rogue() };
  }

  /** A key that is nobody's. */
  private rogue(): string {
    return (this.rogueKey ??= generateKeyPairSync('rsa', RSA_PEM).privateKey);
  }
}

function withRequestId(reply: SimReply): SimReply {
  return { ...reply, headers: { ...reply.headers, 'Request-ID': requestId() } };
}
