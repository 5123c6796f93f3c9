import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { MD5_SOURCE, SIGN_SCRIPT } from './sign-page.script.js';

describe('the signing page', () => {
  const md5 = runInNewContext(`${MD5_SOURCE}; md5`, { TextEncoder }) as (text: string) => string;

  it('computes the vector of the document', () => {
    const text = 'app_id=LM6000101140927991745433&nonce_str=a1B2c3D41600000000e5F6g7H8&uid=1';
    expect(md5(`${text}&key=0123456789abcdef0123456789abcdef`)).toBe('a68820969a7fcd756d737165de643ebb');
  });

  it('computes MD5 as the server does, over any text of any length', () => {
    const same = (text: string) => expect(md5(text)).toBe(createHash('md5').update(text).digest('hex'));
    for (let length = 0; length <= 200; length += 1) same('a'.repeat(length));
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), same));
  });

  it('runs as a program, and stores nothing', () => {
    expect(() => runInNewContext(`() => { ${SIGN_SCRIPT} }`)).not.toThrow();
    expect(SIGN_SCRIPT).not.toMatch(
      /localStorage|sessionStorage|indexedDB|document\.cookie|https?:\/\/(?!example\.com)/,
    );
  });
});
