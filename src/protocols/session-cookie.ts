import type { Response } from 'express';

export const SESSION_COOKIE = 'session';

/** The longest that browsers keep a cookie (milliseconds); the server's sliding expiry ends the session earlier. */
const KEPT_FOR = 400 * 86_400_000;

/** No Domain, so that no sub-domain reads it; `Secure` in production (docs/security.md 2.3). */
function flags(production: boolean): { httpOnly: true; sameSite: 'strict'; path: '/'; secure: boolean } {
  return { httpOnly: true, sameSite: 'strict', path: '/', secure: production };
}

export function setSessionCookie(response: Response, token: string, production: boolean): void {
  response.cookie(SESSION_COOKIE, token, { ...flags(production), maxAge: KEPT_FOR });
}

export function clearSessionCookie(response: Response, production: boolean): void {
  response.clearCookie(SESSION_COOKIE, flags(production));
}
