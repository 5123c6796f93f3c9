import type { ErrorCode } from '../../common/domain-error.js';
import { bearerCredential, HTTP_STATUS, mergedInput, type Dialect, refuseHead } from '../dialect.js';

const ERROR_ID: Readonly<Record<ErrorCode, readonly [id: string, status: string]>> = {
  invalid: ['error-bad-request', 'Bad Request'],
  wrong_password: ['error-bad-request', 'Bad Request'],
  unauthenticated: ['error-unauthorized', 'Unauthorized'],
  invalid_token: ['error-unauthorized', 'Unauthorized'],
  forbidden: ['error-forbidden', 'Forbidden'],
  not_found: ['error-not-found', 'Not Found'],
  unknown_route: ['error-not-found', 'Not Found'],
  method_not_allowed: ['error-not-found', 'Not Found'],
  conflict: ['error-conflict', 'Conflict'],
  duplicate: ['error-conflict', 'Conflict'],
  insufficient_balance: ['error-conflict', 'Conflict'],
  key_reused: ['error-conflict', 'Conflict'],
  in_flight: ['error-conflict', 'Conflict'],
  too_large: ['error-too-large', 'Payload Too Large'],
  unsupported_media_type: ['error-unsupported', 'Unsupported Media Type'],
  too_many_requests: ['error-too-many', 'Too Many Requests'],
  internal: ['error-internal', 'Internal Server Error'],
  unavailable: ['error-unavailable', 'Service Unavailable'],
};

/** docs/api/liveuser.md and docs/api/liveuser-first-edition.md: `POST /liveuser/Service/Method`, the bare object, fen and milliseconds. */
export const liveuserDialect: Dialect = {
  name: 'liveuser',
  prefix: '/liveuser',
  admit: refuseHead,
  credential: bearerCredential,
  input: mergedInput,
  success: (data) => data ?? {},
  failure: (error) => {
    const [id, status] = ERROR_ID[error.code];
    const code = error.code === 'method_not_allowed' ? 404 : HTTP_STATUS[error.code];
    return { status: code, body: { id, code, detail: error.message, status } };
  },
};
