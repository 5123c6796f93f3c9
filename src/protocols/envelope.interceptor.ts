import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { map, type Observable } from 'rxjs';
import type { WireRequest } from './dialect.js';
import { RouteRules } from './route-rules.js';

/** The one interceptor: success is HTTP 200 in the envelope of the route's dialect; real clients stop working on 201. */
@Injectable()
export class EnvelopeInterceptor implements NestInterceptor {
  constructor(private readonly routes: RouteRules) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<WireRequest>();
    const response = http.getResponse<Response>();
    const { dialect, envelope } = this.routes.of(context);
    response.status(200);
    return next.handle().pipe(
      map((data: unknown) => {
        if (request.idempotency?.replayed) response.setHeader('Idempotency-Replayed', 'true');
        if (dialect.contentType) response.setHeader('Content-Type', dialect.contentType);
        const body = dialect.success(data, request, response);
        return envelope.alias === undefined ? body : { ...(body as object), [envelope.alias]: data };
      }),
    );
  }
}
