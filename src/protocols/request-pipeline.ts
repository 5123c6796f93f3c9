import { randomBytes } from 'node:crypto';
import express, { type NextFunction, type Response } from 'express';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DomainError } from '../common/domain-error.js';
import { Config } from '../config/config.js';
import { allowListedOrigins } from './cors.js';
import type { WireRequest } from './dialect.js';

const BODY_LIMIT = 1024 * 1024;
/** No route nests more than a few levels; what walks parameters recursively must not run out of stack. */
const MAX_DEPTH = 32;
const BOOT = randomBytes(4).toString('hex');
let counter = 0;

/** What helmet would send for an API, set once from a constant (security.md 2.8). */
const HEADERS: readonly (readonly [string, string])[] = [
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Cache-Control', 'no-store'],
  ['Vary', 'Cookie, Authorization'],
];
const HSTS = 'max-age=31536000; includeSubDomains';

/** Everything before Nest's router, in order: headers, body, content type. */
export function installRequestPipeline(app: NestExpressApplication, config: Config): void {
  app.set('trust proxy', config.trustedProxies.length > 0 ? [...config.trustedProxies] : false);
  app.set('query parser', 'simple');
  app.use((request: WireRequest, response: Response, next: NextFunction) => {
    request.id = `${BOOT}-${(counter += 1).toString(36)}`;
    response.setHeader('X-Request-Id', request.id);
    for (const [name, value] of HEADERS) response.setHeader(name, value);
    if (config.production) response.setHeader('Strict-Transport-Security', HSTS);
    next();
  });
  if (config.webOrigins.length > 0) app.use(allowListedOrigins(config.webOrigins));
  app.use(refuseForeignBodies);
  const keepRaw = (request: unknown, _response: unknown, bytes: Buffer): void => {
    (request as WireRequest).rawBody = bytes;
  };
  app.use(express.json({ limit: BODY_LIMIT, verify: keepRaw, type: 'application/json' }));
  app.use(express.urlencoded({ limit: BODY_LIMIT, extended: false, parameterLimit: 1000, verify: keepRaw }));
  app.use((request: WireRequest, _response: Response, next: NextFunction) => {
    if (Array.isArray(request.body)) throw new DomainError('invalid', 'the body must be an object');
    if (isTooDeep(request.body)) throw new DomainError('invalid', 'the body is nested too deeply');
    next();
  });
}

/** A body that is neither JSON nor a form is refused before it is read; no body at all is fine. */
function refuseForeignBodies(request: WireRequest, _response: Response, next: NextFunction): void {
  const { headers } = request;
  const empty = headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
  if (!empty && !request.is(['application/json', 'application/x-www-form-urlencoded'])) {
    throw new DomainError('unsupported_media_type', 'send JSON or a urlencoded form');
  }
  next();
}

function isTooDeep(body: unknown): boolean {
  let level: unknown[] = [body];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
  return false;
}
