import { randomBytes } from 'node:crypto';
import { toBeijingIso } from '../common/beijing-time.js';
import type { Json } from './http.js';
import type { SimulatorKeys } from './keys.js';
import { encryptResource, signatureHeaders, type Signer } from './pay-reply.js';

export type NoticeKind = 'transaction' | 'refund';

/** What is wrong with one sending of a notification. The names from `mchid` on are properly signed and encrypted lies. */
export type Mutation =
  | 'wrong_key'
  | 'unknown_serial'
  | 'stale'
  | 'future'
  | 'signtest'
  | 'empty_signature'
  | 'unsigned'
  | 'extra_space'
  | 'flipped_ciphertext'
  | 'wrong_aad'
  | 'mchid'
  | 'appid'
  | 'openid'
  | 'amount'
  | 'currency'
  | 'trade_state'
  | 'unknown_order';

export interface Notice {
  readonly id: string;
  readonly kind: NoticeKind;
  readonly eventType: string;
  readonly createdAt: number;
  readonly plain: Json;
}

export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface NoticeKeys {
  readonly keys: SimulatorKeys;
  readonly signer: Signer;
  readonly rogueKey: () => string;
}

const STALE_SECONDS = 900;

/** One sending: fresh timestamp and nonce, the same id each time. */
export function composeNotice(
  notice: Notice,
  with_: NoticeKeys,
  nowSeconds: number,
  mutation: Mutation | null,
): Message {
  const plain = mutatePlain(notice.plain, mutation);
  const resource = {
    original_type: notice.kind,
    ...encryptResource(with_.keys.apiV3Key, JSON.stringify(plain), notice.kind),
  };
  const body = JSON.stringify({
    id: notice.id,
    create_time: toBeijingIso(notice.createdAt),
    event_type: notice.eventType,
    resource_type: 'encrypt-resource',
    summary: notice.kind === 'transaction' ? '支付成功' : '退款通知',
    resource: mutateResource(resource, mutation),
  });
  const signer = {
    serial: mutation === 'unknown_serial' ? randomBytes(20).toString('hex').toUpperCase() : with_.signer.serial,
    privateKey: mutation === 'wrong_key' ? with_.rogueKey() : with_.signer.privateKey,
  };
  const shift = mutation === 'stale' ? -STALE_SECONDS : mutation === 'future' ? STALE_SECONDS : 0;
  const signed = signatureHeaders(signer, nowSeconds + shift, body);
  return {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Mozilla/4.0',
      ...mutateHeaders(signed, mutation),
    },
    body: mutation === 'extra_space' ? `${body} ` : body,
  };
}

function mutateHeaders(
  headers: Readonly<Record<string, string>>,
  mutation: Mutation | null,
): Readonly<Record<string, string>> {
  if (mutation === 'unsigned') return {};
  if (mutation === 'empty_signature') return { ...headers, 'Wechatpay-Signature': '' };
  if (mutation !== 'signtest') return headers;
  const probe = `WECHATPAY/SIGNTEST/${(headers['Wechatpay-Signature'] ?? '').slice(19)}`;
  return { ...headers, 'Wechatpay-Signature': probe };
}

function mutateResource(resource: Json, mutation: Mutation | null): Json {
  if (mutation === 'wrong_aad') return { ...resource, associated_data: 'certificate' };
  if (mutation !== 'flipped_ciphertext') return resource;
  const bytes = Buffer.from(String(resource['ciphertext']), 'base64');
  bytes[0] ^= 1;
  return { ...resource, ciphertext: bytes.toString('base64') };
}

function mutatePlain(plain: Json, mutation: Mutation | null): Json {
  const amount = (plain['amount'] ?? {}) as Json;
  const lies: Partial<Record<Mutation, Json>> = {
    mchid: { mchid: '1900000999' },
    appid: { appid: 'wxffffffffffffffff' },
    openid: { payer: { openid: 'oSomebodyElse000000000000000' } },
    amount: { amount: { ...amount, total: Number(amount['total']) + 1 } },
    currency: { amount: { ...amount, currency: 'USD' } },
    trade_state: { trade_state: 'NOTPAY' },
    unknown_order: { out_trade_no: `UNKNOWN${randomBytes(8).toString('hex')}` },
  };
  return { ...plain, ...(mutation ? lies[mutation] : {}) };
}
