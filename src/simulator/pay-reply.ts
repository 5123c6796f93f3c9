import { randomBytes, sign } from 'node:crypto';
import { jsonReply, type SimReply } from './http.js';

/** An answer of WeChat Pay's with an error code. Statuses follow the tables of the APIv3 documents. */
export class PayRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly detail?: Readonly<Record<string, unknown>>,
  ) {
    super(message);
    this.name = 'PayRefusal';
  }

  reply(): SimReply {
    return jsonReply(this.status, { code: this.code, message: this.message, detail: this.detail });
  }
}

export interface Signer {
  readonly serial: string;
  readonly privateKey: string;
}

/** The signature headers of an answer or a notification over exactly these bytes. */
export function signatureHeaders(signer: Signer, seconds: number, body: string | Buffer): Record<string, string> {
  const nonce = randomBytes(16).toString('hex');
  const message = Buffer.concat([Buffer.from(`${seconds}\n${nonce}\n`), Buffer.from(body), Buffer.from('\n')]);
  return {
    'Wechatpay-Timestamp': String(seconds),
    'Wechatpay-Nonce': nonce,
    'Wechatpay-Signature': sign('sha256', message, signer.privateKey).toString('base64'),
    'Wechatpay-Serial': signer.serial,
    'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
  };
}

export function requestId(): string {
  return `08${randomBytes(12).toString('hex').toUpperCase()}-0`;
}
