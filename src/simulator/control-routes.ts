import type { Control } from './control.js';
import { jsonOf, jsonReply, type Json, type SimReply, type SimRequest } from './http.js';
import type { CallFault, RouteName } from './faults.js';
import type { NoticeKind } from './notice.js';
import type { NoticeFault } from './notifier.js';
import type { RefundOutcome } from './books/refunds.js';

/*
 * The control API: JSON in, JSON out, under /_control.
 *
 *   GET  ping                                                   {simulator:true}
 *   POST login-code     {openid, unionid?, nickname?}           {code}              once, five minutes
 *   POST phone-code     {openid, phone}                         {code}
 *   POST expire-token                                           the access token answers 40001
 *   POST pay            {prepayId|outTradeNo|fields, openid?, coupon?, force?}      {ok, transactionId | reason}
 *   POST refuse         {outTradeNo}                            {ok}
 *   POST fault          {on, fault:{kind,…}, times?}            next calls of a route; times null = until cleared
 *   POST notice-fault   {on, fault:{kind,…}, times?}            next notifications
 *   POST clear-faults
 *   POST send-notice    {outTradeNo|outRefundNo, mutation?, plain?, url?}           {status}
 *   POST compose-notice the same, not sent                      {headers, body, url}
 *   POST replay-notice  {id}                                    {status}            the same bytes again
 *   POST deliver-to     {origin|null}                           notifications go there, path kept
 *   POST release-notices                                        what "reorder" holds
 *   POST plan-refunds   {outcomes:[success|abnormal|closed|processing]}
 *   POST default-refund {outcome}
 *   POST settle-refund  {outRefundNo, outcome}                  {ok}
 *   POST funds          {fen|null}                              NOT_ENOUGH beyond it
 *   POST bill           {missing?, differing?, extra?}          edits of the bill
 *   POST clock          {set?|advance?|skew?|speed?}            milliseconds, seconds, seconds, factor
 *   GET  books · GET calls?route= · POST clear-calls · GET notices · POST idle {timeoutMs?} · POST reset
 */
type Action = (body: Json, query: URLSearchParams) => unknown;

export function controlRoutes(control: Control): (request: SimRequest) => Promise<SimReply> {
  const actions = controlActions(control);
  return async (request) => {
    const action = actions.get(`${request.method} ${request.path.slice('/_control/'.length)}`);
    if (!action) return jsonReply(404, { error: 'There is no such control route' });
    const crossSite = request.body.length > 0 && !request.headers['content-type']?.startsWith('application/json');
    if (crossSite || foreignOrigin(request)) return jsonReply(403, { error: 'JSON from the same origin only' });
    try {
      return jsonReply(200, (await action(jsonOf(request), request.query)) ?? { ok: true });
    } catch (error) {
      return jsonReply(400, { error: error instanceof Error ? error.message : 'failed' });
    }
  };
}

/** A web page of another site must not be able to pay here. */
function foreignOrigin(request: SimRequest): boolean {
  const origin = request.headers.origin;
  return origin !== undefined && origin !== `http://${request.headers.host}`;
}

function controlActions(control: Control): ReadonlyMap<string, Action> {
  return new Map<string, Action>([
    ['GET ping', () => ({ simulator: true })],
    ['POST login-code', (body) => ({ code: control.issueLoginCode(userOf(body)) })],
    ['POST phone-code', (body) => ({ code: control.issuePhoneCode(userOf(body), String(body['phone'])) })],
    ['POST expire-token', () => control.expireAccessToken()],
    ['POST pay', (body) => control.pay(body)],
    ['POST refuse', (body) => ({ ok: control.refuse(String(body['outTradeNo'])) })],
    ...faultActions(control),
    ...noticeActions(control),
    ['POST plan-refunds', (body) => control.planRefunds(...(body['outcomes'] as RefundOutcome[]))],
    ['POST default-refund', (body) => control.setDefaultRefund(body['outcome'] as RefundOutcome)],
    ['POST settle-refund', (body) => settle(control, body)],
    ['POST funds', (body) => control.setFunds(body['fen'] === null ? null : Number(body['fen']))],
    ['POST bill', (body) => control.editBill(body)],
    ['POST clock', (body) => moveClock(control, body)],
    ['GET books', () => control.books()],
    ['GET calls', (_body, query) => control.calls((query.get('route') ?? undefined) as RouteName | undefined)],
    ['POST clear-calls', () => control.clearCalls()],
    ['GET notices', () => control.notices()],
    ['POST idle', async (body) => ({ idle: await control.idle(Number(body['timeoutMs'] ?? 10_000)) })],
    ['POST reset', () => control.reset()],
  ]);
}

function faultActions(control: Control): [string, Action][] {
  return [
    ['POST fault', (body) => control.failNext(body['on'] as RouteName, body['fault'] as CallFault, times(body))],
    [
      'POST notice-fault',
      (body) => control.spoilNotices(body['on'] as NoticeKind, body['fault'] as NoticeFault, times(body)),
    ],
    ['POST clear-faults', () => control.clearFaults()],
  ];
}

function noticeActions(control: Control): [string, Action][] {
  return [
    ['POST send-notice', (body) => control.sendNotice(body)],
    ['POST compose-notice', (body) => control.composeNotice(body)],
    ['POST replay-notice', (body) => control.replayNotice(String(body['id']))],
    ['POST deliver-to', (body) => control.deliverTo(typeof body['origin'] === 'string' ? body['origin'] : null)],
    ['POST release-notices', () => control.releaseNotices()],
  ];
}

function times(body: Json): number | null {
  return body['times'] === null ? null : Number(body['times'] ?? 1);
}

function userOf(body: Json): { openid: string; unionid?: string; nickname?: string } {
  const text = (name: string): string | undefined => (typeof body[name] === 'string' ? body[name] : undefined);
  const openid = text('openid');
  if (!openid) throw new Error('openid is required');
  return { openid, unionid: text('unionid'), nickname: text('nickname') };
}

function settle(control: Control, body: Json): { ok: boolean } {
  const outcome = body['outcome'] as Exclude<RefundOutcome, 'processing'>;
  return { ok: control.settleRefund(String(body['outRefundNo']), outcome) };
}

function moveClock(control: Control, body: Json): void {
  if (typeof body['set'] === 'number') control.setClock(body['set']);
  if (typeof body['advance'] === 'number') control.advance(body['advance']);
  if (typeof body['skew'] === 'number') control.skewSignatures(body['skew']);
  if (typeof body['speed'] === 'number') control.setSpeed(body['speed']);
}
