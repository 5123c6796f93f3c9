import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { contentHash, isFreshNonce, signOf, verifiedParameters } from './open-sign.js';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const SECRET = '0123456789abcdef0123456789abcdef';

describe('sign', () => {
  it('reproduces the vector of docs/linkv.md', () => {
    const parameters = { app_id: 'LM6000101140927991745433', nonce_str: 'a1B2c3D41600000000e5F6g7H8', uid: '1' };
    expect(signOf(parameters, SECRET)).toBe('a68820969a7fcd756d737165de643ebb');
  });

  const order = {
    app_id: 'demoapp',
    nonce_str: 'abcdefgh1795180000abcdefgh',
    request_id: 'r-1',
    type: '1',
    uid: '1001',
    value: '100',
  };

  it('reproduces the second vector, whatever the order and with the sign itself among the parameters', () => {
    expect(signOf(order, 'demosecret')).toBe('fb0563548d08d27c9a19b826ebea6b2e');
    const turned = Object.fromEntries(Object.entries({ ...order, sign: 'x' }).toReversed());
    expect(signOf(turned, 'demosecret')).toBe('fb0563548d08d27c9a19b826ebea6b2e');
  });

  it('cannot tell the colliding form, which is therefore refused by its value', () => {
    const { type: _, ...rest } = order;
    const colliding = { ...rest, request_id: 'r-1&type=1' };
    expect(signOf(colliding, 'demosecret')).toBe('fb0563548d08d27c9a19b826ebea6b2e');
  });

  it('sorts by bytes and joins raw values, neither encoded nor trimmed', () => {
    const parameters = { b: ' ü %20+', a: '金币', B: '1', é: '2', z: '3' };
    expect(signOf(parameters, 'k')).toBe(md5('B=1&a=金币&b= ü %20+&z=3&é=2&key=k'));
  });

  it('orders names beyond the basic plane by their bytes', () => {
    expect(signOf({ '\u{1f600}': '2', '\uffee': '1', a: '0' }, 'k')).toBe(md5('a=0&\uffee=1&\u{1f600}=2&key=k'));
  });

  it('drops empty values', () => {
    expect(signOf({ a: '1', b: '' }, 'k')).toBe(md5('a=1&key=k'));
  });
});

describe('the parameters that a signature vouches for', () => {
  const plain = { a: '1', zero: '0', empty: '' };

  it.each([
    ['the rule itself', 'a=1&zero=0&key=k', { a: '1', zero: '0' }],
    ['zeros left out, as the Node SDK signs', 'a=1&key=k', { a: '1' }],
    ['empties kept, as the Go, Python and Dart SDKs sign', 'a=1&empty=&zero=0&key=k', { a: '1', zero: '0' }],
  ])('accepts %s', (_, text, vouched) => {
    const { sign: _sign, ...known } = verifiedParameters({ ...plain, sign: md5(text) }, ['k'])!;
    expect(known).toEqual(vouched);
  });

  it('accepts any of the valid secrets', () => {
    expect(verifiedParameters({ a: '1', sign: md5('a=1&key=old') }, ['new', 'old'])).not.toBeNull();
  });

  it.each([
    ['another secret', md5('a=1&zero=0&key=x')],
    ['upper case', md5('a=1&zero=0&key=k').toUpperCase()],
    ['a changed value', md5('a=2&zero=0&key=k')],
    ['nothing', ''],
    ['a text of another length', 'abc'],
  ])('refuses %s', (_, sign) => {
    expect(verifiedParameters({ ...plain, sign }, ['k'])).toBeNull();
  });

  it('refuses everything when there is no secret', () => {
    expect(verifiedParameters({ a: '1', sign: md5('a=1&key=') }, [])).toBeNull();
  });
});

describe('nonce_str', () => {
  const seconds = 1_600_000_000;
  const now = seconds * 1000 + 999;

  it.each([
    ['8 and 8 around the time', 'a1B2c3D41600000000e5F6g7H8'],
    ['7 before it', 'a1B2c3D1600000000e5F6g7H8'],
    ['7 after it', 'a1B2c3D41600000000e5F6g7H'],
    ['7 at either end', 'a1B2c3D1600000000e5F6g7H'],
    ['digits in the random parts', '123456781600000000e5F6g7H8'],
    ['300 s ago', 'abcdefgh1599999700abcdefgh'],
    ['300 s ahead', 'abcdefgh1600000300abcdefgh'],
  ])('takes %s', (_, nonce) => {
    expect(isFreshNonce(nonce, now)).toBe(true);
  });

  it.each([
    ['301 s ago', 'abcdefgh1599999699abcdefgh'],
    ['301 s ahead', 'abcdefgh1600000301abcdefgh'],
    ['letters instead of the time', 'abcdefghabcdefghijabcdefgh'],
    ['23 characters', 'abcdefg1600000000abcdef'],
    ['27 characters', 'abcdefghi1600000000abcdefgh'],
    ['the time at another place', 'abcdef1600000000abcdefghij'],
    ['a space', 'abcdefg 1600000000abcdefgh'],
    ['nothing', ''],
  ])('refuses %s', (_, nonce) => {
    expect(isFreshNonce(nonce, now)).toBe(false);
  });
});

describe('the content of a request', () => {
  const sent = { app_id: 'a', nonce_str: 'n', sign: 's', request_id: 'r', value: '1' };

  it('is the same with another nonce, sign and order of parameters', () => {
    expect(contentHash('changeGold', { value: '1', request_id: 'r', app_id: 'a', nonce_str: 'm', sign: 't' })).toBe(
      contentHash('changeGold', sent),
    );
  });

  it('differs by route, by value and by any further parameter', () => {
    const hashes = [
      contentHash('changeGold', sent),
      contentHash('orderSuccess', sent),
      contentHash('changeGold', { ...sent, value: '2' }),
      contentHash('changeGold', { ...sent, more: '' }),
    ];
    expect(new Set(hashes).size).toBe(4);
  });
});
