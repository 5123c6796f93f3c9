import { verify, type KeyObject } from 'node:crypto';
import { responseMessage } from './apiv3-strings.js';

/** Header names in lower case, as node and `fetch` give them. A list is a header that came more than once. */
export type HeaderBag = Readonly<Record<string, string | readonly string[] | undefined>>;

export type SignatureProblem =
  'missing_header' | 'repeated_header' | 'malformed_header' | 'signtest' | 'stale' | 'unknown_serial' | 'bad_signature';

const WINDOW_SECONDS = 300;
/** WeChat probes with signatures that start so; they must fail. */
const PROBE = 'WECHATPAY/SIGNTEST/';
const FORMS = {
  'wechatpay-timestamp': /^\d{1,12}$/,
  'wechatpay-nonce': /^[^\s,]{1,128}$/,
  'wechatpay-serial': /^\w{1,128}$/,
  'wechatpay-signature': /^[\w+/=]{1,1024}$/,
} as const;

/**
 * Checks that WeChat signed these bytes now, with a key that was configured or downloaded before: an unknown serial is refused, never looked up.
 * Platform certificates and the public key are held side by side; the serial in the header chooses.
 */
export class Verifier {
  constructor(
    private readonly keys: ReadonlyMap<string, KeyObject>,
    private readonly now: () => number,
  ) {}

  /** Null when the signature is right. */
  problem(headers: HeaderBag, body: Buffer): SignatureProblem | null {
    const values = [];
    for (const [name, form] of Object.entries(FORMS)) {
      const value = headers[name];
      if (value === undefined || value === '') return 'missing_header';
      if (typeof value !== 'string' || value.includes(', ')) return 'repeated_header';
      if (!form.test(value)) return 'malformed_header';
      values.push(value);
    }
    const [timestamp = '', nonce = '', serial = '', signature = ''] = values;
    if (signature.startsWith(PROBE)) return 'signtest';
    if (Math.abs(Math.floor(this.now() / 1000) - Number(timestamp)) > WINDOW_SECONDS) return 'stale';
    const key = this.keys.get(serial);
    if (!key) return 'unknown_serial';
    const bytes = Buffer.from(signature, 'base64');
    if (bytes.toString('base64') !== signature) return 'malformed_header';
    return verify('sha256', responseMessage(timestamp, nonce, body), key, bytes) ? null : 'bad_signature';
  }
}
