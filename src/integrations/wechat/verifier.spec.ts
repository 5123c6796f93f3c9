import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { responseMessage } from './apiv3-strings.js';
import { Verifier, type HeaderBag } from './verifier.js';

const NOW = 1_795_180_000;
const SERIAL = 'PUB_KEY_ID_0119000000012026112000000000000000';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const verifier = new Verifier(new Map([[SERIAL, publicKey]]), () => NOW * 1000 + 999);
const body = Buffer.from('{"prepay_id":"wx1","说明":"原文"}');

function signed(seconds: number | string = NOW, over: Buffer = body): Record<string, string> {
  const nonce = 'n0nceN0NCE0123456789';
  return {
    'wechatpay-timestamp': String(seconds),
    'wechatpay-nonce': nonce,
    'wechatpay-serial': SERIAL,
    'wechatpay-signature': sign('sha256', responseMessage(String(seconds), nonce, over), privateKey).toString('base64'),
  };
}

describe('the check of what WeChat signs', () => {
  it('accepts its own signature, over an empty body too', () => {
    expect(verifier.problem(signed(), body)).toBeNull();
    expect(verifier.problem(signed(NOW, Buffer.alloc(0)), Buffer.alloc(0))).toBeNull();
  });

  it.each(['wechatpay-timestamp', 'wechatpay-nonce', 'wechatpay-serial', 'wechatpay-signature'])(
    'refuses %s missing, empty and repeated',
    (name) => {
      const headers = signed();
      expect(verifier.problem({ ...headers, [name]: undefined }, body)).toBe('missing_header');
      expect(verifier.problem({ ...headers, [name]: '' }, body)).toBe('missing_header');
      expect(verifier.problem({ ...headers, [name]: [headers[name], headers[name]] }, body)).toBe('repeated_header');
      expect(verifier.problem({ ...headers, [name]: `${headers[name]}, ${headers[name]}` }, body)).toBe(
        'repeated_header',
      );
    },
  );

  it('refuses any flipped bit in timestamp, nonce, serial and signature', () => {
    const headers: HeaderBag = signed();
    for (const [name, value] of Object.entries(signed())) {
      const bytes = Buffer.from(value, 'latin1');
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const spoilt = Buffer.from(bytes);
        spoilt[bit >> 3] ^= 1 << (bit & 7);
        expect(verifier.problem({ ...headers, [name]: spoilt.toString('latin1') }, body)).not.toBeNull();
      }
    }
  });

  it('refuses any flipped bit in the body, and a space more or less', () => {
    const headers = signed();
    for (let bit = 0; bit < body.length * 8; bit += 1) {
      const spoilt = Buffer.from(body);
      spoilt[bit >> 3] ^= 1 << (bit & 7);
      expect(verifier.problem(headers, spoilt)).toBe('bad_signature');
    }
    expect(verifier.problem(headers, Buffer.concat([body, Buffer.from(' ')]))).toBe('bad_signature');
    expect(verifier.problem(headers, Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1)))).toBe(
      'bad_signature',
    );
  });

  it('accepts five minutes either way and not a second more', () => {
    for (const shift of [-300, 300]) expect(verifier.problem(signed(NOW + shift), body)).toBeNull();
    for (const shift of [-301, 301, -NOW]) expect(verifier.problem(signed(NOW + shift), body)).toBe('stale');
    for (const text of ['1e20', 'now', '-1', `${NOW}.5`, '99999999999999999999']) {
      expect(verifier.problem(signed(text), body)).toBe('malformed_header');
    }
  });

  it('refuses serials it does not hold, those of object prototypes too', () => {
    for (const serial of ['ABCDEF', '__proto__', 'constructor', SERIAL.toLowerCase()]) {
      expect(verifier.problem({ ...signed(), 'wechatpay-serial': serial }, body)).toBe('unknown_serial');
    }
  });

  it("recognises WeChat's signature probe", () => {
    const probe = { ...signed(), 'wechatpay-signature': `WECHATPAY/SIGNTEST/${'A'.repeat(300)}` };
    expect(verifier.problem(probe, body)).toBe('signtest');
  });
});
