import { randomBytes } from 'node:crypto';
import type { Response } from 'express';
import type { Dialect, Failure, WireRequest } from './dialect.js';
import { keptText } from './kept.js';

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
  if (!dialect || !envelope) return false;
  if (idempotency?.replayed) response.setHeader('Idempotency-Replayed', 'true');
  const { alias } = envelope;
  const wrap = (): unknown => {
    const body = dialect.success(data, request, response);
    return alias === undefined ? body : { ...(body as object), [alias]: data };
  };
  const text = keptText(data, envelope, () => JSON.stringify(wrap()));
  if (text === undefined || isConditional(request)) send(response, dialect, wrap());
  else write(response, dialect, text, text.length, 'latin1');
  return true;
}

export function sendFailure(response: WireResponse, dialect: Dialect, { status, body }: Failure): void {
  response.statusCode = status;
  send(response, dialect, body);
}

function send(response: WireResponse, dialect: Dialect, body: unknown): void {
  if (body === undefined) {
    response.writeHead(response.statusCode, []).end();
  } else if (isConditional(response.req)) {
    response.setHeader('Content-Type', dialect.contentType ?? JSON_TYPE).json(body);
  } else {
    const text = JSON.stringify(body);
    write(response, dialect, text, Buffer.byteLength(text), 'utf8');
  }
}

/** Express knows when it makes the reply a 304. */
function isConditional({ headers }: WireRequest): boolean {
  return headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined;
}

interface Leaving {
  readonly response: WireResponse;
  readonly text: string;
  readonly encoding: 'utf8' | 'latin1';
}

let leaving: Leaving[] = [];

/**
 * One list of headers, one text, one write. The replies of one turn of the event loop leave together at its end, because a write
 * wakes whoever waits for it: a reverse proxy is woken once and not for each (docs/decisions/029-replies-leave-together.md).
 */
function write(
  response: WireResponse,
  { contentType = JSON_TYPE }: Dialect,
  text: string,
  bytes: number,
  encoding: 'utf8' | 'latin1',
): void {
  response.writeHead(response.statusCode, ['Content-Type', contentType, 'Content-Length', String(bytes)]);
  if (leaving.push({ response, text, encoding }) === 1) setImmediate(sendLeaving);
}

function sendLeaving(): void {
  const replies = leaving;
  leaving = [];
  for (const { response, text, encoding } of replies) response.end(text, encoding);
}
