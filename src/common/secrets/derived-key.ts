import { hkdfSync } from 'node:crypto';

/** A key of 32 bytes that follows from the server's own secret; one `purpose` tells nothing of another's. */
export function derivedKey(serverSecret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', serverSecret, '', purpose, 32));
}
