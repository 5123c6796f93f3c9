import type { NextFunction, Response } from 'express';
import type { Logger } from 'pino';
import type { WireRequest } from '../protocols/dialect.js';
import { Metrics } from './metrics.js';

/** One small record after each response: the path without its query, because a login code travels there. */
export function requestLog(parent: Logger, metrics: Metrics) {
  // Its fields are all ours: redaction would look through each record for nothing.
  const logger = parent.child({}, { redact: [] });
  return (request: WireRequest, response: Response, next: NextFunction): void => {
    const started = performance.now();
    response.on('finish', () => {
      const milliseconds = performance.now() - started;
      const wire = request.dialect?.name ?? 'none';
      metrics.observe(wire, request.method, response.statusCode, milliseconds);
      if (!logger.isLevelEnabled('info')) return;
      logger.info({
        requestId: request.id,
        method: request.method,
        path: request.originalUrl.split('?', 1)[0],
        status: response.statusCode,
        ms: Math.round(milliseconds * 10) / 10,
        wire,
        user: request.principal?.userId,
      });
    });
    next();
  };
}
