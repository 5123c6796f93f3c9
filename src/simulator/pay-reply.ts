import { createCipheriv, randomBytes, sign } from 'node:crypto';
import { jsonReply, type Json, type SimReply } from './http.js';

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

/** AES-256-GCM as WeChat packs it: base64 of ciphertext and tag, a nonce of 12 letters. */
export function encryptResource(apiV3Key: string, plaintext: string, associatedData: string): Json {
  const nonce = randomBytes(6).toString('hex');
  const cipher = createCipheriv('aes-256-gcm', apiV3Key, nonce).setAAD(Buffer.from(associatedData));
  const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return {
    algorithm: 'AEAD_AES_256_GCM',
    nonce,
    associated_data: associatedData,
    ciphertext: ciphertext.toString('base64'),
  };
}

export function requestId(): string {
  return `08${randomBytes(12).toString('hex').toUpperCase()}-0`;
}
