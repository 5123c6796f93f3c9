import express, { type NextFunction, type Request, type Response } from 'express';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DomainError } from '../common/domain-error.js';
import { Config } from '../config/config.js';
import type { WireRequest } from './dialect.js';

const BODY_LIMIT = 1024 * 1024;
/** No route nests more than a few levels; what walks parameters recursively must not run out of stack. */
const MAX_DEPTH = 32;

/** Everything before Nest's router, in order: other origins, content type, body. */
export function installRequestPipeline(app: NestExpressApplication, config: Config): void {
  app.set('trust proxy', config.trustedProxies.length > 0 ? [...config.trustedProxies] : false);
  app.set('query parser', 'simple');
  if (config.webOrigins.length > 0) allowListedOrigins(app, config.webOrigins);
  app.use(bodyReader());
}

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Reads JSON or a form, of whatever declares a body; no body at all is fine and costs nothing. */
function bodyReader() {
  const verify = (request: unknown, _response: unknown, bytes: Buffer): void => {
    (request as WireRequest).rawBody = bytes;
  };
  // The type has been judged before they are asked.
  const options = { limit: BODY_LIMIT, verify, type: () => true };
  const json = express.json(options);
  const form = express.urlencoded({ ...options, extended: false, parameterLimit: 1000 });
  const readerOf = (request: WireRequest) => {
    if (request.headers['content-type'] === JSON_TYPE || request.is(JSON_TYPE)) return json;
    return request.is(FORM_TYPE) ? form : null;
  };
  return (request: WireRequest, response: Response, next: NextFunction): void => {
    const { headers } = request;
    if (headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0') return next();
    const read = readerOf(request);
    if (!read) throw new DomainError('unsupported_media_type', 'send JSON or a urlencoded form');
    read(request, response, (error?: unknown) => next(error ?? unusable(request.body)));
  };
}

function unusable(body: unknown): DomainError | undefined {
  if (Array.isArray(body)) return new DomainError('invalid', 'the body must be an object');
  return isTooDeep(body) ? new DomainError('invalid', 'the body is nested too deeply') : undefined;
}

/** Lets pages of exactly the listed origins read answers and send cookies; to others nothing is said at all (docs/security.md K9). */
function allowListedOrigins(app: NestExpressApplication, origins: readonly string[]): void {
  app.enableCors(({ headers: { origin } }: Request, callback) =>
    callback(null, {
      origin: origin !== undefined && origins.includes(origin) ? origin : false,
      credentials: true,
      methods: 'GET, POST',
      allowedHeaders: 'Authorization, Content-Type, Idempotency-Key',
      exposedHeaders: 'Retry-After, Idempotency-Replayed',
      maxAge: 600,
    }),
  );
}

function isTooDeep(value: unknown, levels = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isTooDeep(part, levels - 1));
}
