import passport from 'passport';
import type { WireRequest } from './dialect.js';

/** One per application: two applications of one process would take over each other's logins on passport's own singleton. */
export class Passport extends passport.Passport {}

type Verify = (request: WireRequest, done: (error: unknown, found?: object | false) => void) => void;

/** For credentials that no published strategy knows: `validate` gets the request; what it returns is who calls, what it throws the refusal. */
export class RequestStrategy extends passport.Strategy {
  constructor(private readonly verify: Verify) {
    super();
  }

  override authenticate(request: WireRequest): void {
    this.verify(request, (error, found) => {
      if (error) this.error(error);
      else if (found) this.success(found);
      else this.fail();
    });
  }
}

/** What the strategy of that name found; null when it knows no such caller. @throws what the strategy throws */
export function authenticate<T extends object>(own: Passport, name: string, request: WireRequest): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const done = (error: unknown, found?: T | false): void => {
      if (error) reject(error);
      else resolve(found || null);
    };
    // By name, never by instance: passport writes its callbacks onto what it is given, and two requests would share them.
    const run = own.authenticate(name, { session: false }, done) as (...args: unknown[]) => void;
    run(request, {}, reject);
  });
}
