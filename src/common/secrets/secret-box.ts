import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { derivedKey } from './derived-key.js';

/** Seals texts at rest (AES-256-GCM) under a key derived from the server's own secret; a sealed text opens for its owner only. */
export class SecretBox {
  private readonly key: Buffer;

  /** Boxes of another `purpose` open nothing of this one. */
  constructor(serverSecret: string, purpose: string) {
    this.key = derivedKey(serverSecret, purpose);
  }

  seal(owner: string, text: string): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv).setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** Null when it was sealed for another owner, for another purpose or under another server secret. */
  open(owner: string, sealed: string): string | null {
    const bytes = Buffer.from(sealed, 'base64url');
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.key, bytes.subarray(0, 12)).setAAD(Buffer.from(owner));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    } catch {
      return null;
    }
  }
}
