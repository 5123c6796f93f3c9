import type { Control } from './control.js';
import { jsonOf, jsonReply, type Json, type SimReply, type SimRequest } from './http.js';
import type { CallFault } from './faults.js';
import type { NoticeKind } from './notice.js';
import type { NoticeFault } from './notifier.js';
import type { FinalOutcome, RefundOutcome } from './books/refunds.js';
import type { RouteName } from './routes.js';

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
type Action = (control: Control, body: Json, query: URLSearchParams) => unknown;

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['GET ping', () => ({ simulator: true })],
  ['POST login-code', (control, body) => ({ code: control.issueLoginCode(userOf(body)) })],
  ['POST phone-code', (control, body) => ({ code: control.issuePhoneCode(userOf(body), String(body['phone'])) })],
  ['POST expire-token', (control) => control.expireAccessToken()],
  ['POST pay', (control, body) => control.pay(body)],
  ['POST refuse', (control, body) => ({ ok: control.refuse(String(body['outTradeNo'])) })],
  [
    'POST fault',
    (control, { on, fault, times }) => control.failNext(on as RouteName, fault as CallFault, count(times)),
  ],
  [
    'POST notice-fault',
    (control, { on, fault, times }) => control.spoilNotices(on as NoticeKind, fault as NoticeFault, count(times)),
  ],
  ['POST clear-faults', (control) => control.clearFaults()],
  ['POST send-notice', (control, body) => control.sendNotice(body)],
  ['POST compose-notice', (control, body) => control.composeNotice(body)],
  ['POST replay-notice', (control, body) => control.replayNotice(String(body['id']))],
  ['POST deliver-to', (control, { origin }) => control.deliverTo(typeof origin === 'string' ? origin : null)],
  ['POST release-notices', (control) => control.releaseNotices()],
  ['POST plan-refunds', (control, body) => control.planRefunds(...(body['outcomes'] as RefundOutcome[]))],
  ['POST default-refund', (control, body) => control.setDefaultRefund(body['outcome'] as RefundOutcome)],
  [
    'POST settle-refund',
    (control, { outRefundNo, outcome }) => ({
      ok: control.settleRefund(String(outRefundNo), outcome as FinalOutcome),
    }),
  ],
  ['POST funds', (control, { fen }) => control.setFunds(fen === null ? null : Number(fen))],
  ['POST bill', (control, body) => control.editBill(body)],
  ['POST clock', moveClock],
  ['GET books', (control) => control.books()],
  ['GET calls', (control, _body, query) => control.calls((query.get('route') ?? undefined) as RouteName | undefined)],
  ['POST clear-calls', (control) => control.clearCalls()],
  ['GET notices', (control) => control.notices()],
  ['POST idle', async (control, body) => ({ idle: await control.idle(Number(body['timeoutMs'] ?? 10_000)) })],
  ['POST reset', (control) => control.reset()],
]);

export function controlRoutes(control: Control): (request: SimRequest) => Promise<SimReply> {
  return async (request) => {
    const action = ACTIONS.get(`${request.method} ${request.path.slice('/_control/'.length)}`);
    if (!action) return jsonReply(404, { error: 'There is no such control route' });
    const crossSite = request.body.length > 0 && !request.headers['content-type']?.startsWith('application/json');
    if (crossSite || foreignOrigin(request)) return jsonReply(403, { error: 'JSON from the same origin only' });
    try {
      return jsonReply(200, (await action(control, jsonOf(request), request.query)) ?? { ok: true });
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

function count(times: unknown): number | null {
  return times === null ? null : Number(times ?? 1);
}

function userOf(body: Json): { openid: string; unionid?: string; nickname?: string } {
  const text = (name: string): string | undefined => (typeof body[name] === 'string' ? body[name] : undefined);
  const openid = text('openid');
  if (!openid) throw new Error('openid is required');
  return { openid, unionid: text('unionid'), nickname: text('nickname') };
}

function moveClock(control: Control, { set, advance, skew, speed }: Json): void {
  if (typeof set === 'number') control.setClock(set);
  if (typeof advance === 'number') control.advance(advance);
  if (typeof skew === 'number') control.skewSignatures(skew);
  if (typeof speed === 'number') control.setSpeed(speed);
}
