import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { publicFile } from '../common/public-file.js';
import type { WechatApp } from '../config/wechat.config.js';
import { Bills } from './books/bills.js';
import { Books } from './books/books.js';
import { Control } from './control.js';
import { controlRoutes } from './control-routes.js';
import { wechatHandler } from './dispatcher.js';
import { Faults, type CallFault } from './faults.js';
import { serve, type SimHandler } from './http.js';
import { createSimulatorKeys, loadOrCreateSimulatorKeys, type KeyMode, type SimulatorKeys } from './keys.js';
import { LoginSide } from './login.js';
import { Notifier } from './notifier.js';
import { PaySide } from './pay-side.js';
import { Payer } from './books/payer.js';
import { refundNoticeJson, Refunds } from './books/refunds.js';
import type { RouteName } from './routes.js';
import { SimClock } from './sim-clock.js';
import { tradeJson, Trades } from './books/trades.js';

export interface SimulatorOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** Where keys and books are kept; without it both live in memory. */
  readonly folder?: string;
  readonly keys?: SimulatorKeys;
  /** Which verification WeChat offers this merchant; `both` by default. */
  readonly keyMode?: KeyMode;
  /** The app ids that exist; without them any app id and secret is right. */
  readonly apps?: readonly WechatApp[];
  /** Divides WeChat's waiting times: the retry ladder, the minute between refunds, the settling of a refund. */
  readonly speed?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface Simulator {
  readonly url: string;
  readonly port: number;
  readonly keys: SimulatorKeys;
  readonly control: Control;
  /** Lets the process end although the simulator listens, and writes the books when it does. */
  detach(): void;
  close(): Promise<void>;
}

/** Starts a WeChat of our own: login and pay on one port, the control API under `/_control`, a page for people at `/`. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const folder = options.folder ?? null;
  const keys = options.keys ?? (folder ? await loadOrCreateSimulatorKeys(folder) : await createSimulatorKeys());
  let url = '';
  const parts = assemble(options, keys, folder, () => url);
  const server = serve(parts.handler);
  server.keepAliveTimeout = 30_000;
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  url = `http://127.0.0.1:${port}`;
  parts.refunds.resume();
  return {
    url,
    port,
    keys,
    control: parts.control,
    detach: () => {
      server.unref();
      process.once('exit', () => parts.books.flush());
    },
    close: async () => {
      parts.notifier.stop();
      parts.refunds.stop();
      parts.books.flush();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function assemble(options: SimulatorOptions, keys: SimulatorKeys, folder: string | null, baseUrl: () => string) {
  const keyMode = options.keyMode ?? 'both';
  const clock = new SimClock(options.now ?? Date.now, options.speed ?? 1);
  const books = new Books(folder);
  const login = new LoginSide(clock, options.apps ?? null);
  const notifier: Notifier = new Notifier(clock, () => pay.nextNoticeKeys());
  const refunds = new Refunds(books, clock, (refund, trade) => {
    if (!refund.notifyUrl) return;
    notifier.notify('refund', `REFUND.${refund.status}`, refundNoticeJson(refund, trade), refund.notifyUrl);
  });
  const payer = new Payer(books, clock, keys, (trade) => {
    notifier.notify('transaction', 'TRANSACTION.SUCCESS', tradeJson(trade), trade.notifyUrl);
  });
  const bills = new Bills(books, clock, baseUrl, keys.mchId);
  const trades = new Trades(books, clock, keys.mchId, options.apps?.map((app) => app.appId) ?? null);
  const faults = new Faults<RouteName, CallFault>();
  const parts = { keys, keyMode, clock, login, books, trades, payer, refunds, bills, notifier, faults, log: [] };
  const pay: PaySide = new PaySide(parts);
  const control = new Control(parts);
  return { books, notifier, refunds, control, handler: withControl(wechatHandler(parts, pay), control) };
}

function withControl(wechat: SimHandler, control: Control): SimHandler {
  const controlled = controlRoutes(control);
  const page = publicFile('simulator.html');
  return async (request) => {
    if (request.path.startsWith('/_control/')) return controlled(request);
    if (request.path === '/favicon.ico') return { status: 204, body: '' };
    if (request.path !== '/') return wechat(request);
    return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: page };
  };
}
