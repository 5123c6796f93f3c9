import { describe, expect, it } from '@jest/globals';
import { SecretBox } from './secret-box.js';

describe('a sealed text', () => {
  const box = new SecretBox('q8Zt3vLm5Xc9Rb2Nw7Yk4Hs6Jd1Pf0Ga', 'app secret');
  const sealed = box.seal('LM1', 'the secret');

  it('opens for its owner, and never looks the same twice', () => {
    expect(box.open('LM1', sealed)).toBe('the secret');
    expect(box.seal('LM1', 'the secret')).not.toBe(sealed);
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('the secret');
  });

  it.each([
    ['for another owner', () => box.open('LM2', sealed)],
    ['under another server secret', () => new SecretBox('another', 'app secret').open('LM1', sealed)],
    ['for another purpose', () => new SecretBox('q8Zt3vLm5Xc9Rb2Nw7Yk4Hs6Jd1Pf0Ga', 'cookie').open('LM1', sealed)],
    ['when a character changed', () => box.open('LM1', `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`)],
    ['when it is cut short', () => box.open('LM1', sealed.slice(0, 20))],
  ])('stays closed %s', (_, open) => {
    expect(open()).toBeNull();
  });
});
