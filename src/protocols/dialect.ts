import type { Request, Response } from 'express';
import { DomainError, type ErrorCode } from '../common/domain-error.js';
import type { IdempotencyRef } from '../common/idempotency.js';
import type { Credential, Principal } from '../common/principal.js';
import type { Config } from '../config/config.js';

/** What a document says of one route's reply beside its wire's envelope. */
export interface EnvelopeExtras {
  /** A second key under which a success sends its data. */
  readonly alias?: string;
  /** Keys that a failure carries besides. */
  readonly failure?: Readonly<Record<string, unknown>>;
}

/** What guard, decorators and reply leave on a request for one another. */
export interface WireRequest extends Request {
  id?: string;
  /** The bytes as received, for signatures. */
  rawBody?: Buffer;
  dialect?: Dialect;
  envelope?: EnvelopeExtras;
  /** On routes that look at a login. */
  credential?: Credential;
  principal?: Principal;
  /** On a `@Signed` route: what its strategy found. */
  signer?: object;
  /** Of a signed request only what its signature covers counts as sent. */
  signedInput?: Readonly<Record<string, string>>;
  idempotency?: IdempotencyRef | null;
}

export interface Failure {
  readonly status: number;
  readonly body: object;
}

/** What the guard knows of a route when a dialect admits a request to it. */
export interface RouteFacts {
  readonly config: Config;
  /** Methods that the route's path serves; Nest would serve HEAD with the GET handler. */
  readonly methods: readonly string[];
  /** Whether its GET changes state, as docs/api/web.md wants it. */
  readonly unsafeGet: boolean;
}

/** How one client family talks. One guard, one reply and one filter serve all of them and ask this object. */
export interface Dialect {
  readonly name: 'api-v1' | 'liveuser' | 'web' | 'open' | 'wechat' | 'operator';
  /** Lower-case path prefix; wraps what reached no controller, longest first. */
  readonly prefix: string;
  /** Of every reply; JSON when absent. */
  readonly contentType?: string;
  /** Request rules that come before the credential, such as a browser's origin. @throws DomainError */
  admit?(request: WireRequest, route: RouteFacts): void;
  /** Null when there is none, or it is malformed. */
  credential(request: WireRequest): Credential | null;
  input(request: WireRequest): Readonly<Record<string, unknown>>;
  success(data: unknown, request: WireRequest, response: Response): unknown;
  failure(error: DomainError): Failure;
}

/** HTTP status per error; a dialect may take its own. */
export const HTTP_STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid: 400,
  unauthenticated: 401,
  invalid_token: 401,
  wrong_password: 400,
  forbidden: 403,
  not_found: 404,
  unknown_route: 404,
  method_not_allowed: 405,
  conflict: 409,
  duplicate: 409,
  insufficient_balance: 409,
  key_reused: 409,
  in_flight: 409,
  too_large: 413,
  unsupported_media_type: 415,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
};

/** `Authorization: Bearer <token>`, anything else is no credential at all; so are two such headers (docs/security.md B11). */
export function bearerCredential(request: WireRequest): Credential | null {
  const header = request.headers.authorization;
  const match = header === undefined ? null : /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(header);
  if (match && isRepeated(request.rawHeaders, 'authorization')) return null;
  return match?.[1] === undefined ? null : { kind: 'bearer', token: match[1] };
}

/** Node keeps the first of several; a proxy in front may have judged another one. */
function isRepeated(rawHeaders: readonly string[], name: string): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const header = rawHeaders[index];
    if (header.length === name.length && header.toLowerCase() === name) count += 1;
  }
  return count > 1;
}

/** Nest serves HEAD with the GET handler: a link checker would spend a login code. @throws DomainError `unknown_route` */
export function refuseHead({ method }: WireRequest): void {
  if (method === 'HEAD') throw new DomainError('unknown_route', 'no such route');
}

/** Query and body alike; on a clash the body wins for POST, the query for GET (docs/wires.md, every wire). */
export function mergedInput(request: WireRequest): Readonly<Record<string, unknown>> {
  const body: unknown = request.body;
  const query = request.query as Record<string, unknown>;
  if (body === undefined || body === null) return query;
  const fields = body as Record<string, unknown>;
  if (Object.keys(query).length === 0) return fields;
  return request.method === 'GET' || request.method === 'HEAD' ? { ...fields, ...query } : { ...query, ...fields };
}
