import { Cache } from './cache.js';
import type { Clock } from './clock.js';
import type { Credential, Identity } from './principal.js';

const MEBIBYTE = 1024 * 1024;
/** An identity, beside its credential. */
const IDENTITY_BYTES = 600;

/** Who sent which credential, believed for less than a second. What this instance changes it evicts at once. */
export class PrincipalCache {
  private readonly byKind: Readonly<Record<Credential['kind'], Cache<string, Identity>>>;

  constructor(clock: Clock) {
    const newCache = (): Cache<string, Identity> =>
      new Cache({
        bytes: 8 * MEBIBYTE,
        sizeOf: (_, token) => IDENTITY_BYTES + token.length,
        tagsOf: ({ principal }) => [principal.sessionId],
        clock: { now: () => clock.monotonic() },
      });
    this.byKind = { bearer: newCache(), cookie: newCache() };
  }

  get({ kind, token }: Credential, identify: () => Promise<Identity>): Promise<Identity> {
    return this.byKind[kind].get(token, identify);
  }

  evictSession(sessionId: string): void {
    for (const cache of Object.values(this.byKind)) cache.evictTagged(sessionId);
  }

  clear(): void {
    for (const cache of Object.values(this.byKind)) cache.clear();
  }
}
