import { randomBytes } from 'node:crypto';
import type { Response } from 'express';
import type { Dialect, Failure, WireRequest } from './dialect.js';

/** HOT PATH: every reply of a route leaves here (docs/performance.md, "Where the speed lives"). */

export type Headers = Readonly<Record<string, string>>;

type WireResponse = Response & { readonly req: WireRequest };

const JSON_TYPE = 'application/json; charset=utf-8';
const BOOT = randomBytes(4).toString('hex');
let counter = 0;

/** What helmet would send for an API, of every reply that does not set them itself (docs/security.md 2.8). */
export function securityHeaders(production: boolean): Headers {
  return {
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
    Vary: 'Cookie, Authorization',
    ...(production && { 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' }),
  };
}

/** Unique among the instances of one database, in their logs. */
export function newRequestId(): string {
  return `${BOOT}-${(counter += 1).toString(36)}`;
}

/** Sends it in the envelope of the route's wire; false for a request that reached no route, of which nothing is sent. */
export function sendSuccess(response: WireResponse, data: unknown): boolean {
  const request = response.req;
  const { dialect, envelope, idempotency } = request;
  if (!dialect) return false;
  if (idempotency?.replayed) response.setHeader('Idempotency-Replayed', 'true');
  const body = dialect.success(data, request, response);
  send(response, dialect, envelope?.alias === undefined ? body : { ...(body as object), [envelope.alias]: data });
  return true;
}

export function sendFailure(response: WireResponse, dialect: Dialect, { status, body }: Failure): void {
  response.statusCode = status;
  send(response, dialect, body);
}

/** One list of headers, one text, one write. */
function send(response: WireResponse, { contentType = JSON_TYPE }: Dialect, body: unknown): void {
  if (body === undefined) {
    response.writeHead(response.statusCode, []).end();
    return;
  }
  const { headers } = response.req;
  // Express knows when a condition of the client's makes a reply a 304.
  if (headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined) {
    response.setHeader('Content-Type', contentType).json(body);
    return;
  }
  const text = JSON.stringify(body);
  const length = String(Buffer.byteLength(text));
  response.writeHead(response.statusCode, ['Content-Type', contentType, 'Content-Length', length]).end(text);
}
