import { createDecipheriv } from 'node:crypto';
import { textOf, type JsonObject } from './json.js';

const TAG_BYTES = 16;
const KEY_BYTES = 32;

/**
 * Opens what WeChat encrypted with the APIv3 key (AES-256-GCM, tag checked); while keys change, each is tried.
 * Null when no key opens it or it is no such thing.
 */
export function openResource(apiV3Keys: readonly string[], resource: JsonObject): Buffer | null {
  const nonce = textOf(resource['nonce']);
  const ciphertext = textOf(resource['ciphertext']);
  const associated = resource['associated_data'] ?? '';
  if (resource['algorithm'] !== 'AEAD_AES_256_GCM' || !nonce || !ciphertext || typeof associated !== 'string')
    return null;
  for (const key of apiV3Keys) {
    const plaintext = decrypt(key, nonce, associated, Buffer.from(ciphertext, 'base64'));
    if (plaintext) return plaintext;
  }
  return null;
}

function decrypt(key: string, nonce: string, associated: string, sealed: Buffer): Buffer | null {
  if (Buffer.byteLength(key) !== KEY_BYTES || sealed.length < TAG_BYTES) return null;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(associated));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch {
    return null;
  }
}
