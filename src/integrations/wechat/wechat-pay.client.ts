import { createHash, randomBytes } from 'node:crypto';
import type { WechatConfig } from '../../config/wechat.config.js';
import { toBeijingIso } from '../../common/beijing-time.js';
import { Apiv3, type Apiv3Call } from './apiv3.js';
import { textOf, type JsonObject } from './json.js';
import type { CallFor } from './outgoing.js';
import { MerchantSigner, type AppPayment, type MiniProgramPayment } from './merchant-signer.js';
import { openNotify, type OpenedNotify } from './notify.js';
import { parseRefund, parseTransaction } from './pay.parse.js';
import type {
  JsapiPrepayParameters,
  PayOutcome,
  PrepayParameters,
  RefundParameters,
  WechatRefund,
  WechatTransaction,
} from './pay.types.js';
import { PlatformKeys } from './platform-keys.js';
import { parseTradeBill, type TradeBill } from './trade-bill.js';
import type { HeaderBag } from './verifier.js';

interface Parts {
  readonly api: Apiv3;
  readonly keys: PlatformKeys;
  readonly signer: MerchantSigner;
}

/** A person waits for these calls; the operator may allow more time, the person will not. */
const LONGEST_MS = 8000;
const BILL_MS = 60_000;
const MOST_BILL_BYTES = 256 * 1024 * 1024;
const MOST_REASON_BYTES = 80;

/**
 * WeChat Pay APIv3. No method throws for what WeChat or the network does: see {@link PayOutcome}.
 * Without pay credentials every call returns `unavailable`, and {@link configured} is false.
 */
export class WechatPayClient {
  private readonly parts: Parts | null = null;

  constructor(
    private readonly config: WechatConfig,
    now: () => number = Date.now,
  ) {
    const { pay } = config;
    if (!pay) return;
    const keys = new PlatformKeys(pay, now);
    const signer = new MerchantSigner(pay, now);
    const timeoutMs = Math.min(config.timeoutSeconds * 1000, LONGEST_MS);
    const api = new Apiv3(pay, signer, (reply) => keys.verifier.problem(reply.headers, reply.body), timeoutMs);
    this.parts = { api, keys, signer };
  }

  get configured(): boolean {
    return this.parts !== null;
  }

  get mchId(): string | null {
    return this.config.pay?.mchId ?? null;
  }

  /** Fetches the platform certificates where they are wanted. Nest calls it at start. */
  async onModuleInit(): Promise<void> {
    await this.parts?.keys.start(this.parts.api);
  }

  onModuleDestroy(): void {
    this.parts?.keys.stop();
  }

  /** Serials that answers and notifications are accepted from. */
  verificationSerials(): string[] {
    return this.parts?.keys.serials() ?? [];
  }

  prepayJsapi(order: JsapiPrepayParameters, caller?: CallFor['caller']): Promise<PayOutcome<{ prepayId: string }>> {
    const body = this.orderBody(this.config.miniProgram.appId, order);
    return this.prepay('/v3/pay/transactions/jsapi', { ...body, payer: { openid: order.openid } }, caller);
  }

  prepayApp(order: PrepayParameters, caller?: CallFor['caller']): Promise<PayOutcome<{ prepayId: string }>> {
    return this.prepay('/v3/pay/transactions/app', this.orderBody(this.config.mobileApp.appId, order), caller);
  }

  /** @throws Error without pay credentials: there is no prepay id then either */
  signMiniProgram(prepayId: string): MiniProgramPayment {
    return this.required().signer.miniProgram(this.config.miniProgram.appId, prepayId);
  }

  /** @throws Error without pay credentials */
  signApp(prepayId: string): AppPayment {
    return this.required().signer.app(this.config.mobileApp.appId, prepayId);
  }

  /** `refused` with `ORDER_NOT_EXIST` when WeChat never saw the number. */
  queryByOutTradeNo(outTradeNo: string, by?: CallFor): Promise<PayOutcome<WechatTransaction>> {
    const target = `/v3/pay/transactions/out-trade-no/${encodeURIComponent(outTradeNo)}?mchid=${this.config.pay?.mchId ?? ''}`;
    return this.call({ ...by, method: 'GET', target }, (json) => {
      const found = parseTransaction(json);
      return found?.mchId === this.config.pay?.mchId && found?.outTradeNo === outTradeNo ? found : null;
    });
  }

  /** Only `ok` means that it can no longer be paid; `refused` with `ORDERPAID` means that it was. */
  close(outTradeNo: string, by?: CallFor): Promise<PayOutcome<'closed'>> {
    const target = `/v3/pay/transactions/out-trade-no/${encodeURIComponent(outTradeNo)}/close`;
    const body = { mchid: this.config.pay?.mchId };
    return this.call({ ...by, method: 'POST', target, body }, () => 'closed' as const);
  }

  /** `ok` means accepted; the refund is final when its status is, by notification or query. */
  refund(order: RefundParameters, by?: CallFor): Promise<PayOutcome<WechatRefund>> {
    const body = {
      out_trade_no: order.outTradeNo,
      out_refund_no: order.outRefundNo,
      ...(order.reason ? { reason: cutBytes(order.reason, MOST_REASON_BYTES) } : {}),
      notify_url: order.notifyUrl ?? this.config.pay?.notifyUrl,
      amount: { refund: order.refund, total: order.total, currency: 'CNY' },
    };
    const retryCodes = ['NOT_ENOUGH', 'SYSTEM_ERROR'];
    return this.call({ ...by, method: 'POST', target: '/v3/refund/domestic/refunds', body, retryCodes }, (json) => {
      const refund = parseRefund(json);
      const same = refund?.outRefundNo === order.outRefundNo && refund.refund === order.refund;
      return same ? refund : null;
    });
  }

  queryRefund(outRefundNo: string, by?: CallFor): Promise<PayOutcome<WechatRefund>> {
    const target = `/v3/refund/domestic/refunds/${encodeURIComponent(outRefundNo)}`;
    return this.call({ ...by, method: 'GET', target }, (json) => {
      const refund = parseRefund(json);
      return refund?.outRefundNo === outRefundNo ? refund : null;
    });
  }

  /** The bill of a day `yyyy-MM-dd` (Beijing time), from ten o'clock the next day on; `refused` with `NO_STATEMENT_EXIST` when nothing was traded. */
  async tradeBill(date: string): Promise<PayOutcome<TradeBill>> {
    const target = `/v3/bill/tradebill?bill_date=${encodeURIComponent(date)}&bill_type=ALL`;
    const link = await this.call(
      { lane: 'jobs', method: 'GET', target, retryCodes: ['STATEMENT_CREATING'] },
      (json) => {
        const [type, sha1, url] = [json['hash_type'], textOf(json['hash_value']), textOf(json['download_url'])];
        return type === 'SHA1' && sha1 && url && URL.canParse(url) ? { sha1, url: new URL(url) } : null;
      },
    );
    if (link.kind !== 'ok') return link;
    const { pathname, search } = link.value.url;
    const download = { lane: 'jobs', method: 'GET', target: pathname + search } as const;
    const file = await this.required().api.send(download, BILL_MS, MOST_BILL_BYTES);
    if ('kind' in file) return file;
    if (file.status !== 200) return { kind: 'unknown', reason: `bill download, HTTP ${file.status}` };
    const sha1 = createHash('sha1').update(file.body).digest('hex');
    if (sha1 !== link.value.sha1.toLowerCase()) return { kind: 'unknown', reason: 'bill hash' };
    const bill = parseTradeBill(file.body.toString('utf8'));
    return bill ? { kind: 'ok', value: bill } : { kind: 'unknown', reason: 'bill format' };
  }

  /** Proves both key pairs without moving money: a signed query for a number that does not exist, answered by a verified 404. */
  async probe(): Promise<PayOutcome<'verified'>> {
    const outcome = await this.queryByOutTradeNo(`DOCTOR${randomBytes(8).toString('hex')}`);
    if (outcome.kind === 'refused' && outcome.status === 404) return { kind: 'ok', value: 'verified' };
    return outcome.kind === 'ok' ? { kind: 'unknown', reason: 'the number exists' } : outcome;
  }

  /** Opens a notification from the bytes as they came. Calls nobody, whatever they hold. */
  openNotify(rawBody: Buffer, headers: HeaderBag): OpenedNotify {
    const { pay } = this.config;
    if (!this.parts || !pay) return { ok: false, reason: 'not_configured' };
    return openNotify(this.parts.keys.verifier, pay.apiV3Keys, rawBody, headers);
  }

  private orderBody(appid: string, order: PrepayParameters): JsonObject {
    return {
      appid,
      mchid: this.config.pay?.mchId,
      description: order.description,
      out_trade_no: order.outTradeNo,
      ...(order.expiresAt ? { time_expire: toBeijingIso(order.expiresAt.getTime()) } : {}),
      notify_url: order.notifyUrl ?? this.config.pay?.notifyUrl,
      amount: { total: order.total, currency: 'CNY' },
    };
  }

  private prepay(
    target: string,
    body: JsonObject,
    caller: CallFor['caller'],
  ): Promise<PayOutcome<{ prepayId: string }>> {
    return this.call({ lane: 'payment', caller, method: 'POST', target, body }, (json) => {
      const prepayId = textOf(json['prepay_id']);
      return prepayId && prepayId.length <= 64 ? { prepayId } : null;
    });
  }

  private async call<T>(call: Apiv3Call, read: (json: JsonObject) => T | null): Promise<PayOutcome<T>> {
    if (!this.parts) return { kind: 'unavailable', reason: 'not_configured' };
    if (this.parts.keys.empty) return { kind: 'unavailable', reason: 'no_verification_key' };
    return this.parts.api.call(call, read);
  }

  private required(): Parts {
    if (!this.parts) throw new Error('WeChat Pay is not configured');
    return this.parts;
  }
}

/** The longest beginning that fits, cut between characters. */
function cutBytes(text: string, most: number): string {
  let cut = text;
  while (Buffer.byteLength(cut) > most) cut = cut.slice(0, -1);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
