import { hash } from 'node:crypto';

/** SHA-256 in lower-case hexadecimal. */
export function sha256(content: string | Buffer): string {
  return hash('sha256', content, 'hex');
}
