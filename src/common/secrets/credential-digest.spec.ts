import { expect, it } from '@jest/globals';
import { CredentialDigest } from './credential-digest.js';

it('the digest of a credential is its own under each server secret and each purpose', () => {
  const digest = new CredentialDigest('q8Zt3vLm5Xc9Rb2Nw7Yk4Hs6Jd1Pf0Ga', 'cookie').of('token');
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(new CredentialDigest('q8Zt3vLm5Xc9Rb2Nw7Yk4Hs6Jd1Pf0Ga', 'cookie').of('token')).toBe(digest);
  expect(new CredentialDigest('q8Zt3vLm5Xc9Rb2Nw7Yk4Hs6Jd1Pf0Ga', 'refresh').of('token')).not.toBe(digest);
  expect(new CredentialDigest('another', 'cookie').of('token')).not.toBe(digest);
  expect(new CredentialDigest('q8Zt3vLm5Xc9Rb2Nw7Yk4Hs6Jd1Pf0Ga', 'cookie').of('tokem')).not.toBe(digest);
});
