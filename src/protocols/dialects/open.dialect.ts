import type { ErrorCode } from '../../common/domain-error.js';
import { refuseHead, type Dialect } from '../dialect.js';
import { openParameters } from './open-parameters.js';

const STATUS: Readonly<Record<ErrorCode, string>> = {
  invalid: '400',
  unknown_route: '400',
  method_not_allowed: '400',
  not_found: '400',
  conflict: '400',
  duplicate: '400',
  insufficient_balance: '400',
  key_reused: '400',
  wrong_password: '400',
  too_large: '400',
  unsupported_media_type: '400',
  unauthenticated: '403',
  invalid_token: '403',
  forbidden: '403',
  too_many_requests: '500',
  in_flight: '500',
  internal: '500',
  unavailable: '500',
};

/** docs/api/open.md: LinkV's side of the coin wallet; HTTP 200 always, the verdict is `status`. Its credential is the signature, which the `linkv` strategy checks. */
export const openDialect: Dialect = {
  name: 'open',
  prefix: '/open',
  // Never JSON: LinkV's Node SDK parses the body itself and dies on a parsed object (docs/linkv.md, Response).
  contentType: 'text/plain; charset=utf-8',
  admit: refuseHead,
  credential: () => null,
  input: (request) => request.signedInput ?? openParameters(request),
  success: (data) => (data === undefined ? { msg: '', status: '200' } : { data, msg: '', status: '200' }),
  failure: (error) => ({ status: 200, body: { status: STATUS[error.code], msg: error.message } }),
};
