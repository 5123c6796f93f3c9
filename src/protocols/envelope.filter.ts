import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { DomainError, type ErrorCode } from '../common/domain-error.js';
import type { WireRequest } from './dialect.js';
import { dialectOfPath } from './dialects/dialects.js';
import { sendFailure } from './reply.js';
import { RouteRules } from './route-rules.js';

const BY_STATUS: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  400: ['invalid', 'malformed request'],
  401: ['unauthenticated', 'login required'],
  403: ['forbidden', 'permission denied'],
  404: ['unknown_route', 'no such route'],
  405: ['method_not_allowed', 'method not allowed'],
  413: ['too_large', 'the request is too large'],
  415: ['unsupported_media_type', 'send JSON or a urlencoded form'],
  429: ['too_many_requests', 'too many requests'],
  503: ['unavailable', 'service unavailable'],
};

/** Where nobody knows better (seconds). */
const SOON = 1;

/** The one filter: whatever went wrong, in guards and parsers too, comes out in the envelope of its wire. */
@Catch()
export class EnvelopeFilter implements ExceptionFilter {
  private readonly logger = new Logger('Request');

  constructor(private readonly routes: RouteRules) {}

  catch(raised: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<WireRequest>();
    const response = host.switchToHttp().getResponse<Response>();
    const error = domainErrorOf(raised);
    if (error.code === 'internal') this.logger.error({ requestId: request.id, error: raised });
    else if (error.code === 'unavailable')
      this.logger.warn({ requestId: request.id, error: error.message, cause: error.hints.cause });
    if (response.headersSent) return;
    const dialect = request.dialect ?? dialectOfPath(request.path);
    const { status, body } = dialect.failure(error);
    const retryAfter = error.hints.retryAfter ?? (error.code === 'unavailable' ? SOON : undefined);
    if (retryAfter !== undefined) response.setHeader('Retry-After', String(retryAfter));
    if (error.hints.allow !== undefined) response.setHeader('Allow', error.hints.allow);
    sendFailure(response, dialect, { status, body: { ...body, ...this.routes.failureAt(request.path) } });
  }
}

function domainErrorOf(raised: unknown): DomainError {
  if (raised instanceof DomainError) return raised;
  const status = raised instanceof HttpException ? raised.getStatus() : (raised as { status?: unknown } | null)?.status;
  const known = typeof status === 'number' ? BY_STATUS[status] : undefined;
  return known ? new DomainError(known[0], known[1]) : new DomainError('internal', 'internal error');
}
