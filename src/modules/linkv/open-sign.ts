import { createHash, timingSafeEqual } from 'node:crypto';
import { sha256 } from '../../common/sha256.js';

export type Parameters = Readonly<Record<string, string>>;

/** Which of the received parameters the signed text names. */
type Signed = (name: string, value: string) => boolean;

const named: Signed = (_name, value) => value !== '';
/** LinkV's Node SDK leaves out what JavaScript calls falsy. */
const withoutZeros: Signed = (_name, value) => value !== '' && value !== '0';
/** Its Go, Python and Dart SDKs keep empty values. */
const withEmpties: Signed = () => true;

/** The digest of LinkV's rule (docs/linkv.md, Sign): lower-case hexadecimal MD5. */
export function signOf(parameters: Parameters, secret: string, signed: Signed = named): string {
  let text = '';
  for (const name of sortedNames(parameters)) {
    const value = parameters[name];
    if (name !== 'sign' && signed(name, value)) text += `${text === '' ? '' : '&'}${name}=${value}`;
  }
  return createHash('md5').update(`${text}&key=${secret}`, 'utf8').digest('hex');
}

const ASCII = /^[\0-\x7f]*$/;

/** In byte order, which is that of JavaScript's own comparison as long as all is ASCII. */
function sortedNames(parameters: Parameters): string[] {
  const names = Object.keys(parameters);
  if (names.every((name) => ASCII.test(name))) return names.sort((a, b) => (a < b ? -1 : 1));
  return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/**
 * The parameters that the signature vouches for, without empty ones; null when no secret and no tolerated way of
 * signing gives `parameters.sign`. A zero that was not signed is left out: it was not given.
 */
export function verifiedParameters(parameters: Parameters, secrets: readonly string[]): Parameters | null {
  const given = Buffer.from(parameters['sign'] ?? '');
  for (const signed of [named, withoutZeros, withEmpties]) {
    for (const secret of secrets) {
      const expected = Buffer.from(signOf(parameters, secret, signed));
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) continue;
      return Object.fromEntries(
        Object.entries(parameters).filter(([name, value]) => value !== '' && signed(name, value)),
      );
    }
  }
  return null;
}

const NONCE = /^[\x21-\x7e]{24,26}$/;
/** Seconds that a nonce may be away from our time. */
const NONCE_WINDOW = 300;

/** Whether `nonce` holds the time in Unix seconds between two random parts of 8, or sometimes 7, characters; `now` in milliseconds. */
export function isFreshNonce(nonce: string, now: number): boolean {
  if (!NONCE.test(nonce)) return false;
  return [7, 8].some((start) => {
    const digits = nonce.slice(start, start + 10);
    const rest = nonce.length - start - 10;
    if (!/^\d{10}$/.test(digits) || (rest !== 7 && rest !== 8)) return false;
    return Math.abs(Math.floor(now / 1000) - Number(digits)) <= NONCE_WINDOW;
  });
}

/** What makes two requests the same: the route and all that was sent but the caller, the time and the signature. */
export function contentHash(route: string, parameters: Parameters): string {
  const content = Object.entries(parameters)
    .filter(([name]) => name !== 'app_id' && name !== 'nonce_str' && name !== 'sign')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256(JSON.stringify([route, content]));
}
