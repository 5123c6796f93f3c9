import { applyDecorators, Controller, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiBearerAuth, ApiCookieAuth, ApiExtension, ApiHeader, ApiTags } from '@nestjs/swagger';
import { DomainError } from '../common/domain-error.js';
import type { IdempotencyRef } from '../common/idempotency.js';
import { ANY_PERMISSION } from '../common/permission.js';
import type { Credential, Principal } from '../common/principal.js';
import { sha256 } from '../common/sha256.js';
import { apiV1Dialect } from './dialects/api-v1.dialect.js';
import type { Dialect, EnvelopeExtras, WireRequest } from './dialect.js';
import { INPUT_INDEX } from './doc.js';
import { InputPipe } from './input.pipe.js';
import { liveuserDialect } from './dialects/liveuser.dialect.js';
import { openDialect } from './dialects/open.dialect.js';
import { operatorDialect } from './dialects/operator.dialect.js';
import { LIMITS, type Limited } from './limits/rate-limit.js';
import { Declared, type CountedTrips } from './route-rules.js';
import { webDialect } from './dialects/web.dialect.js';
import { wechatDialect } from './dialects/wechat.dialect.js';

function wire(dialect: Dialect, path: string, ...more: ClassDecorator[]): ClassDecorator {
  return applyDecorators(Controller(path), Declared.dialect(dialect), ...more);
}

export const ApiV1 = (path: string): ClassDecorator => wire(apiV1Dialect, `api/v1/${path}`, ApiTags(path || 'search'));
export const LiveUser = (service: string): ClassDecorator =>
  wire(liveuserDialect, `liveuser/${service}`, ApiTags(service));
export const Web = (path = ''): ClassDecorator => wire(webDialect, path, ApiTags('web'));
export const Open = (path: string): ClassDecorator => wire(openDialect, `open/${path}`, ApiTags(path));
export const Wechat = (path: string): ClassDecorator => wire(wechatDialect, path, ApiTags('wechat'));
export const Operations = (path: string): ClassDecorator => wire(operatorDialect, path, ApiTags('operator'));

/** Open to everybody; a credential is not even looked at. */
export const Public = (): MethodDecorator =>
  applyDecorators(Declared.access({ kind: 'public', recognise: false }), ApiExtension('x-permission', 0));

/** Open to everybody; a good login says who calls, a bad one is ignored. */
export const OptionalLogin = (): MethodDecorator =>
  applyDecorators(Declared.access({ kind: 'public', recognise: true }), ApiExtension('x-permission', 0));

/** A login with any of these permission bits. */
export const Allow = (bits: number = ANY_PERMISSION): MethodDecorator =>
  applyDecorators(
    Declared.access({ kind: 'login', bits }),
    ApiExtension('x-permission', bits),
    ApiBearerAuth(),
    ApiCookieAuth(),
  );

/** A request that the strategy of this name verifies, such as a partner's signature. */
export const Signed = (strategy: string): MethodDecorator =>
  applyDecorators(
    Declared.access({ kind: 'signed', strategy }),
    ApiExtension('x-permission', 0),
    ApiExtension('x-signed', strategy),
  );

/** The operator alone: from this machine, or with his token. */
export const Operator = (): MethodDecorator => Signed('operator');

/** A documented GET that changes state: the dialect's rules for state-changing requests hold for it too. */
export const UnsafeGet = (): MethodDecorator => Declared.unsafeGet(true);

/** What the document shows of this route's replies beside its wire's envelope. */
export const Envelope = (extras: EnvelopeExtras): MethodDecorator =>
  applyDecorators(Declared.envelope(extras), ApiExtension('x-envelope', extras));

/** Limits a route, counted together with the routes of its kind on all wires: per address on a public one, per user on the others. */
export const RateLimit = (kind: Limited): MethodDecorator =>
  applyDecorators(Declared.limit(kind), ApiExtension('x-rate-limit', `${LIMITS[kind]} a minute`));

/**
 * Statements that a request sends to MySQL with its caller's session remembered, COMMIT counted, BEGIN too where it is sent; in
 * `others` those of requests that go another way, by what they do. `test/performance/round-trips.e2e-spec.ts` counts them.
 */
export const RoundTrips = (count: number, others: CountedTrips = {}): MethodDecorator =>
  applyDecorators(Declared.roundTrips({ '': count, ...others }), ApiExtension('x-round-trips', count));

function requestOf(context: ExecutionContext): WireRequest {
  return context.switchToHttp().getRequest<WireRequest>();
}

const RawInput = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const request = requestOf(context);
  const input = request.dialect!.input(request);
  return Object.keys(request.params).length > 0 ? { ...input, ...request.params } : input;
});

/** The request's parameters as the parameter's DTO class; path parameters win over everything. */
export const Input = (): ParameterDecorator => (target, key, index) => {
  RawInput(InputPipe)(target, key, index);
  if (key !== undefined) Reflect.defineMetadata(INPUT_INDEX, index, target, key);
};

export const CurrentUser = createParamDecorator(
  (_: unknown, context: ExecutionContext): Principal => requestOf(context).principal!,
);

/** The login that this request came with, or, where a kind is given, came with as that; null for none. */
export const CurrentSession = createParamDecorator(
  (kind: Credential['kind'] | undefined, context: ExecutionContext): string | null => {
    const { credential, principal } = requestOf(context);
    return kind === undefined || credential?.kind === kind ? (principal?.sessionId ?? null) : null;
  },
);

/** The caller's address; X-Forwarded-For counts only from `TRUSTED_PROXIES`. */
export const CallerAddress = createParamDecorator(
  (_: unknown, context: ExecutionContext): string => requestOf(context).ip ?? '',
);

const KEY_RULE = /^[\x21-\x7e]{1,255}$/;

/** The caller's Idempotency-Key, or null; documented in Swagger by {@link Idempotent}. */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext): IdempotencyRef | null => {
  const request = requestOf(context);
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key !== 'string' || !KEY_RULE.test(key)) {
    throw new DomainError('invalid', 'Idempotency-Key must be 1 to 255 visible characters');
  }
  const parameters = { ...request.dialect!.input(request), ...request.params };
  const path = request.path.toLowerCase().replace(/\/+$/, '');
  const ref: IdempotencyRef = {
    scope: `${request.principal?.userId ?? 0} ${path}`,
    key,
    hash: sha256(canonicalJson(parameters)),
    replayed: false,
  };
  request.idempotency = ref;
  return ref;
});

/** Documents the header; the effect and its stored result are the use case's. */
export const Idempotent = (): MethodDecorator =>
  ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Makes a repeat harmless: the same key with the same parameters answers the same, with Idempotency-Replayed: true; with other parameters it is refused. Kept 24 h.',
  });

/** Keys in one order at every depth, so that two spellings of the same parameters hash alike. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
