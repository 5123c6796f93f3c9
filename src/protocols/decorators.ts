import { createHash } from 'node:crypto';
import {
  applyDecorators,
  Controller,
  createParamDecorator,
  SetMetadata,
  type ExecutionContext,
  type PipeTransform,
} from '@nestjs/common';
import { ApiBearerAuth, ApiCookieAuth, ApiExtension, ApiHeader, ApiTags } from '@nestjs/swagger';
import { DomainError } from '../common/domain-error.js';
import type { IdempotencyRef } from '../common/idempotency.js';
import { ANY_PERMISSION } from '../common/permission.js';
import type { Credential, Principal } from '../common/principal.js';
import { apiV1Dialect } from './api-v1.dialect.js';
import type { Dialect, WireRequest } from './dialect.js';
import { INPUT_INDEX } from './doc.js';
import { readInput } from './fields.js';
import { liveuserDialect } from './liveuser.dialect.js';
import { openDialect } from './open.dialect.js';
import { operatorDialect } from './operator.dialect.js';
import { webDialect } from './web.dialect.js';
import { wechatDialect } from './wechat.dialect.js';

export const DIALECT = Symbol('dialect');
export const ACCESS = Symbol('access');
export const UNSAFE_GET = Symbol('unsafe-get');

/** Permission bits of which the caller needs one; 0 for everybody. */
export type Access = number;

function wire(dialect: Dialect, path: string, ...more: ClassDecorator[]): ClassDecorator {
  return applyDecorators(Controller(path), SetMetadata(DIALECT, dialect), ...more);
}

export const ApiV1 = (path: string): ClassDecorator => wire(apiV1Dialect, `api/v1/${path}`, ApiTags(path || 'search'));
export const LiveUser = (service: string): ClassDecorator =>
  wire(liveuserDialect, `liveuser/${service}`, ApiTags(service));
export const Web = (path = ''): ClassDecorator => wire(webDialect, path, ApiTags('web'));
export const Open = (path: string): ClassDecorator => wire(openDialect, `open/${path}`, ApiTags(path));
export const Wechat = (path: string): ClassDecorator => wire(wechatDialect, path, ApiTags('wechat'));
export const Operator = (path: string): ClassDecorator => wire(operatorDialect, path, ApiTags('operator'));

/** No login needed; a bad token is ignored. */
export const Public = (): MethodDecorator => applyDecorators(SetMetadata(ACCESS, 0), ApiExtension('x-permission', 0));

/** A login with any of these permission bits. */
export const Allow = (bits: number = ANY_PERMISSION): MethodDecorator =>
  applyDecorators(SetMetadata(ACCESS, bits), ApiExtension('x-permission', bits), ApiBearerAuth(), ApiCookieAuth());

/** A documented GET that changes state: the dialect's rules for state-changing requests hold for it too. */
export const UnsafeGet = (): MethodDecorator => SetMetadata(UNSAFE_GET, true);

function requestOf(context: ExecutionContext): WireRequest {
  return context.switchToHttp().getRequest<WireRequest>();
}

const RawInput = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const request = requestOf(context);
  return { ...request.dialect!.input(request), ...request.params };
});

const readingPipe: PipeTransform = {
  transform: (value: Record<string, unknown>, { metatype }) => readInput(metatype as new () => object, value),
};

/** The request's parameters as the parameter's DTO class; path parameters win over everything. */
export const Input = (): ParameterDecorator => (target, key, index) => {
  RawInput(readingPipe)(target, key, index);
  if (key !== undefined) Reflect.defineMetadata(INPUT_INDEX, index, target, key);
};

/** The request's parameters as sent, for what a signature covers. */
export const Parameters = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const request = requestOf(context);
  return request.dialect!.input(request);
});

export const CurrentUser = createParamDecorator(
  (_: unknown, context: ExecutionContext): Principal => requestOf(context).principal!,
);

/** The credential as it was sent, unchecked; null for none. */
export const GivenCredential = createParamDecorator((_: unknown, context: ExecutionContext): Credential | null => {
  const request = requestOf(context);
  return request.dialect!.credential(request);
});

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
    hash: createHash('sha256').update(canonicalJson(parameters)).digest('hex'),
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
