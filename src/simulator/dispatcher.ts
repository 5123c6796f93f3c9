import { setTimeout as pause } from 'node:timers/promises';
import { spoilBody, type CallFault } from './faults.js';
import { jsonReply, type SimHandler, type SimReply } from './http.js';
import type { Parts } from './parts.js';
import type { PaySide } from './pay-side.js';
import { routeOf } from './routes.js';

const KEPT_CALLS = 20_000;
const MOST_DELAY_MS = 120_000;

/**
 * WeChat's two hosts on one port: finds the call, applies the planned fault. Every call it receives goes into the log, so that a
 * test can assert that it received none.
 */
export function wechatHandler({ login, faults, log, clock }: Parts, pay: PaySide): SimHandler {
  return async (request) => {
    const route = routeOf(request.method, request.path);
    const fault = route ? faults.take(route.name) : null;
    const reply = await answer();
    log.push({
      at: clock.now(),
      route: route?.name ?? 'unknown',
      method: request.method,
      path: route?.side === 'pay' ? request.target : request.path,
      body: route?.side === 'pay' ? request.body.toString('utf8') : '',
      fault: fault?.kind ?? null,
      status: reply === 'drop' ? 0 : reply.status,
    });
    if (log.length > KEPT_CALLS) log.shift();
    return reply;

    async function answer(): Promise<SimReply | 'drop'> {
      if (!route) return jsonReply(404, { code: 'RESOURCE_NOT_EXISTS', message: '接口不存在' });
      if (fault?.kind === 'drop_before') return 'drop';
      if (fault?.kind === 'delay') await pause(Math.min(fault.ms, MOST_DELAY_MS), undefined, { ref: false });
      const done =
        route.side === 'pay'
          ? pay.handle(route.name, request, fault)
          : spoilLogin(await login.handle(route.name, request), fault);
      return fault?.kind === 'drop_after' ? 'drop' : done;
    }
  };
}

function spoilLogin(reply: SimReply, fault: CallFault | null): SimReply {
  if (fault?.kind === 'error') {
    return jsonReply(fault.status, { errcode: Number(fault.code ?? -1), errmsg: 'system error' });
  }
  return spoilBody(reply, fault, '{}');
}
