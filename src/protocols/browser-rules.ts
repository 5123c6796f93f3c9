import type { IncomingHttpHeaders } from 'node:http';
import { DomainError } from '../common/domain-error.js';
import type { Config } from '../config/config.js';
import type { WireRequest } from './dialect.js';

const PREFETCH_HEADERS = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'] as const;
const FETCH_METADATA = ['sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest', 'sec-fetch-user'] as const;
const MINI_PROGRAMS = 'https://servicewechat.com';
const MINI_PROGRAM_PAGE = /^https:\/\/servicewechat\.com\/([^/?#]+)\/(?:[^/?#]+\/)*page-frame\.html$/;

/**
 * Refuses a state-changing request that another site's page, or a browser's own guess, has made. The order is that of docs/security.md 2.3.
 * What sends no browser header at all (an app, curl) passes: the cookie's SameSite covers browsers without Fetch Metadata.
 * @throws DomainError `forbidden`
 */
export function refuseForeignPages(request: WireRequest, config: Config): void {
  const { headers } = request;
  if (PREFETCH_HEADERS.some((name) => /prefetch|prerender|preview/i.test(String(headers[name] ?? '')))) {
    throw refusal('a prefetch changes nothing');
  }
  const miniProgram = isOurMiniProgram(headers, config.wechat.miniProgram.appId);
  const { origin } = headers;
  const listed = origin !== undefined && config.webOrigins.includes(origin);
  const known = listed || isOwnOrigin(request) || (origin === MINI_PROGRAMS && miniProgram);
  if (origin !== undefined && !known) throw refusal('this origin may not do that');
  const hasMetadata = FETCH_METADATA.some((name) => headers[name] !== undefined);
  if (hasMetadata && !miniProgram && !isScriptOfKnownPage(headers, listed))
    throw refusal('only a script of our own page may do that');
}

/** A page cannot forge this Referer, and a mini program cannot change it. */
function isOurMiniProgram({ referer }: IncomingHttpHeaders, appId: string): boolean {
  return MINI_PROGRAM_PAGE.exec(referer ?? '')?.[1] === appId;
}

/** The server's own origin; https too, for a proxy that ends TLS in front of us. */
function isOwnOrigin(request: WireRequest): boolean {
  return [request.protocol, 'https'].some((scheme) => {
    const own = `${scheme}://${request.host}`;
    return URL.canParse(own) && new URL(own).origin === request.headers.origin;
  });
}

/** Every browser that sends Fetch Metadata names the site; Node's own fetch, a program, sends a mode and no site. */
function isScriptOfKnownPage(headers: IncomingHttpHeaders, listed: boolean): boolean {
  const site = headers['sec-fetch-site'];
  const dest = headers['sec-fetch-dest'] ?? 'empty';
  return (
    (site === undefined || site === 'same-origin' || listed) &&
    headers['sec-fetch-mode'] !== 'navigate' &&
    dest === 'empty'
  );
}

function refusal(why: string): DomainError {
  return new DomainError('forbidden', why);
}
