import { DEMO_LINKV_APP } from './development.js';

/** Texts that stand in this repository or in tutorials, and therefore protect nothing. */
const KNOWN_SECRETS = [
  'secret',
  '123456',
  'changeme',
  'livemall',
  'q8zt3vlm5xc9rb2nw7yk4hs6jd1pf0ga',
  DEMO_LINKV_APP.appSecret,
];

/** Why production refuses a secret; null for a good one. */
export function secretWeakness(secret: string): string | null {
  if (Buffer.byteLength(secret) < 32) return 'must have at least 32 bytes in production';
  if (new Set(secret).size < 10) return 'is too regular';
  if (KNOWN_SECRETS.some((known) => secret.toLowerCase().includes(known))) return 'contains a publicly known text';
  return null;
}
