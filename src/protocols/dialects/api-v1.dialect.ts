import type { DomainError, ErrorCode } from '../../common/domain-error.js';
import { bearerCredential, HTTP_STATUS, mergedInput, type Dialect, type Failure, refuseHead } from '../dialect.js';

/** Clients log the user out on these two texts; no other failure may use them (docs/api/api-v1.md, user/validate). */
const LOGOUT_INFO: Partial<Record<ErrorCode, string>> = {
  unauthenticated: 'auth error',
  invalid_token: 'invalid token',
};

/** docs/api/api-v1.md: `{success, info, data}`, yuan, Unix seconds, Bearer JWT. */
export const apiV1Dialect: Dialect = {
  name: 'api-v1',
  prefix: '/api/v1',
  admit: refuseHead,
  credential: bearerCredential,
  input: mergedInput,
  success: (data) => ({ success: true, info: '', data: data ?? {} }),
  failure: (error: DomainError): Failure => ({
    status: HTTP_STATUS[error.code],
    body: { success: false, info: LOGOUT_INFO[error.code] ?? error.message, data: null },
  }),
};
