import type { NextFunction, Response } from 'express';
import { pino, type DestinationStream, type Logger } from 'pino';
import type { WireRequest } from '../protocols/dialect.js';
import { Metrics } from './metrics.js';

/**
 * HOT PATH (docs/performance.md, "Where the speed lives"): one small record after each response, the path without its
 * query, because a login code travels there. It is put together by hand: its fields are all ours, so that nothing needs pino's
 * redaction and serializers, and a log of every request would cost more than the rest of a hot read.
 */
export function requestLog(logger: Logger, metrics: Metrics) {
  const isWanted = logger.isLevelEnabled('info');
  const destination = (logger as unknown as Record<symbol, DestinationStream>)[pino.symbols.streamSym];
  return (request: WireRequest, response: Response, next: NextFunction): void => {
    const started = performance.now();
    response.on('finish', () => {
      const milliseconds = performance.now() - started;
      metrics.observe(request.dialect?.name ?? 'none', request.method, response.statusCode, milliseconds);
      if (isWanted) destination.write(recordOf(request, response.statusCode, milliseconds));
    });
    next();
  };
}

function recordOf({ id, method, originalUrl, dialect, principal }: WireRequest, status: number, took: number): string {
  const mark = originalUrl.indexOf('?');
  const path = JSON.stringify(mark === -1 ? originalUrl : originalUrl.slice(0, mark));
  const time = new Date().toISOString();
  const ms = Math.round(took * 10) / 10;
  const user = principal ? `,"user":${principal.userId}` : '';
  return `{"level":30,"time":"${time}","requestId":"${id}","method":"${method}","path":${path},"status":${status},"ms":${ms},"wire":"${dialect?.name ?? 'none'}"${user}}\n`;
}
