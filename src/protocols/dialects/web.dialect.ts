import { DomainError, type ErrorCode } from '../../common/domain-error.js';
import type { Credential } from '../../common/principal.js';
import { refuseForeignPages } from '../browser-rules.js';
import { bearerCredential, mergedInput, type Dialect, type RouteFacts, type WireRequest } from '../dialect.js';
import { SESSION_COOKIE } from '../session-cookie.js';

const CODE: Readonly<Record<ErrorCode, number>> = {
  invalid: 10005,
  unsupported_media_type: 10005,
  too_large: 10005,
  unauthenticated: 10003,
  invalid_token: 10003,
  not_found: 10002,
  wrong_password: 10002,
  duplicate: 10004,
  insufficient_balance: 10006,
  unknown_route: 10001,
  method_not_allowed: 10001,
  forbidden: 10001,
  conflict: 10001,
  key_reused: 10001,
  in_flight: 10001,
  too_many_requests: 10001,
  internal: 10001,
  unavailable: 10001,
};

/** Refusals are HTTP 200 too, but for routes and methods that are not there and what is no refusal at all. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  unknown_route: 404,
  method_not_allowed: 405,
  internal: 500,
  unavailable: 503,
};

const OWN_WORDS: Partial<Record<ErrorCode, string>> = {
  unauthenticated: '请先登录',
  invalid_token: '请先登录',
  wrong_password: '用户或密码错误',
};

/** HEAD would run the GET handler, and a link checker would buy (docs/security.md 2.3). */
function refuseMethod({ method }: WireRequest, { methods, unsafeGet, config }: RouteFacts): void {
  const forbidGet = unsafeGet && !config.unsafeGet && methods.includes('POST');
  if (method !== 'HEAD' && !(method === 'GET' && forbidGet)) return;
  const allow = forbidGet ? methods.filter((other) => other !== 'GET') : methods;
  throw new DomainError('method_not_allowed', `use ${allow.join(' or ')}`, { allow: allow.join(', ') });
}

/** Two cookies of that name are no session: one of them was planted (docs/security.md A11). */
function sessionCookie(request: WireRequest): string | null {
  const values = (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim().split('='))
    .filter(([name]) => name === SESSION_COOKIE)
    .map(([, value]) => value ?? '');
  const [only] = values;
  return values.length === 1 && only !== undefined && /^[\w-]{20,128}$/.test(only) ? only : null;
}

/** docs/api/web.md: cookie sessions (a Bearer token works as well), `{code, data}`, fen. */
export const webDialect: Dialect = {
  name: 'web',
  prefix: '',
  admit: (request, route) => {
    refuseMethod(request, route);
    if (request.method !== 'GET' || route.unsafeGet) refuseForeignPages(request, route.config);
  },
  credential: (request): Credential | null => {
    const token = sessionCookie(request);
    return token === null ? bearerCredential(request) : { kind: 'cookie', token };
  },
  input: mergedInput,
  success: (data) => (data === undefined ? { code: 0 } : { code: 0, data }),
  failure: (error: DomainError) => ({
    status: STATUS[error.code] ?? 200,
    body: { code: CODE[error.code], msg: OWN_WORDS[error.code] ?? error.message },
  }),
};
