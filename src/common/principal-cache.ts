import { Cache } from './cache.js';
import type { Clock } from './clock.js';
import type { Credential, Identity } from './principal.js';

const MAX_CREDENTIALS = 20_000;

/** Who sent which credential, believed for less than a second. What this instance changes it evicts at once. */
export class PrincipalCache {
  private readonly byKind: Readonly<Record<Credential['kind'], Cache<string, Identity>>>;

  constructor(clock: Clock) {
    const newCache = (): Cache<string, Identity> => new Cache(MAX_CREDENTIALS, undefined, clock);
    this.byKind = { bearer: newCache(), cookie: newCache() };
  }

  get({ kind, token }: Credential, identify: () => Promise<Identity>): Promise<Identity> {
    return this.byKind[kind].get(token, identify);
  }

  evictSession(sessionId: string): void {
    for (const cache of Object.values(this.byKind)) {
      cache.evictWhere(({ principal }) => principal.sessionId === sessionId);
    }
  }

  clear(): void {
    for (const cache of Object.values(this.byKind)) cache.clear();
  }
}
