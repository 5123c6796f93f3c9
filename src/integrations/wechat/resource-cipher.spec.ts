import { describe, expect, it } from '@jest/globals';
import { openResource } from './resource-cipher.js';

const KEY = '0123456789abcdef0123456789abcdef';
const OTHER_KEY = 'fedcba9876543210fedcba9876543210';
const PLAIN = '{"mchid":"1900000001","out_trade_no":"T20261120000001","trade_state":"SUCCESS","amount":{"total":1}}';
const WITH_AAD =
  'Eu6k3KOMCfFZPsMoOqloD2wBiy6brE00a8ph6KA9qo8zps/eFHamkXpIppE/obftrmWMhIp8WtmqjS4pyfL7Ma2H7O/A0jUYRhpGO3pKyB+bmIQBxusFM6pzBL1V3hYXi76Ox6r7iqHnA1pegSl1APpi9Sg=';
const WITHOUT_AAD =
  'Eu6k3KOMCfFZPsMoOqloD2wBiy6brE00a8ph6KA9qo8zps/eFHamkXpIppE/obftrmWMhIp8WtmqjS4pyfL7Ma2H7O/A0jUYRhpGO3pKyB+bmIQBxusFM6pzBL1V3hYXi76Ox3FCXqbJz/MNiAV4vrFk2xM=';

function open(ciphertext: string, associated: string | undefined | null, keys = [KEY]): string | undefined {
  const resource = { algorithm: 'AEAD_AES_256_GCM', nonce: 'abcdefghijkl', ciphertext, associated_data: associated };
  return openResource(keys, resource)?.toString('utf8');
}

describe('what WeChat encrypts with the APIv3 key', () => {
  it('opens with its own associated data', () => {
    expect(open(WITH_AAD, 'transaction')).toBe(PLAIN);
    expect(open(WITHOUT_AAD, '')).toBe(PLAIN);
    expect(open(WITHOUT_AAD, undefined)).toBe(PLAIN);
    expect(open(WITHOUT_AAD, null)).toBe(PLAIN);
  });

  it('stays shut with other associated data', () => {
    expect(open(WITH_AAD, '')).toBeUndefined();
    expect(open(WITHOUT_AAD, 'transaction')).toBeUndefined();
  });

  it('stays shut when any bit of ciphertext or tag is flipped', () => {
    const bytes = Buffer.from(WITH_AAD, 'base64');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const spoilt = Buffer.from(bytes);
      spoilt[bit >> 3] ^= 1 << (bit & 7);
      expect(open(spoilt.toString('base64'), 'transaction')).toBeUndefined();
    }
  });

  it('stays shut when the tag is cut off, wholly or in part', () => {
    const bytes = Buffer.from(WITH_AAD, 'base64');
    for (let cut = 1; cut <= 16; cut += 1) {
      expect(open(bytes.subarray(0, -cut).toString('base64'), 'transaction')).toBeUndefined();
    }
    expect(open('', 'transaction')).toBeUndefined();
  });

  it('tries each key while keys are being changed', () => {
    expect(open(WITH_AAD, 'transaction', [OTHER_KEY, KEY])).toBe(PLAIN);
    expect(open(WITH_AAD, 'transaction', [OTHER_KEY])).toBeUndefined();
    expect(open(WITH_AAD, 'transaction', ['short', KEY])).toBe(PLAIN);
    expect(open(WITH_AAD, 'transaction', [])).toBeUndefined();
  });

  it('takes no other algorithm and no odd members', () => {
    const resource = { algorithm: 'AEAD_AES_256_GCM', nonce: 'abcdefghijkl', ciphertext: WITHOUT_AAD };
    expect(openResource([KEY], { ...resource, algorithm: 'AES' })).toBeNull();
    expect(openResource([KEY], { ...resource, nonce: ['abcdefghijkl'] })).toBeNull();
    expect(openResource([KEY], { ...resource, nonce: '' })).toBeNull();
    expect(openResource([KEY], { ...resource, associated_data: {} })).toBeNull();
  });
});
