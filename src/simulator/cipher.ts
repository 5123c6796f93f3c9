import { createCipheriv, randomBytes } from 'node:crypto';
import type { Json } from './http.js';

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
