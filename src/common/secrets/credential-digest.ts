import { createHmac } from 'node:crypto';
import { derivedKey } from './derived-key.js';

/** Digests of credentials at rest (HMAC-SHA256, hexadecimal): under another server secret every credential is an unknown one. */
export class CredentialDigest {
  private readonly key: Buffer;

  constructor(serverSecret: string, purpose: string) {
    this.key = derivedKey(serverSecret, purpose);
  }

  of(credential: string): string {
    return createHmac('sha256', this.key).update(credential).digest('hex');
  }
}
