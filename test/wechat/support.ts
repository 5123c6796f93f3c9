import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WechatConfig } from '../../src/config/wechat.config.js';
import { WechatPayClient } from '../../src/integrations/wechat/wechat-pay.client.js';
import { simulatorPayConfig, type KeyMode } from '../../src/simulator/keys.js';
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.js';
import { startTestSimulator } from '../support/simulator.js';

export const MINI_PROGRAM = { appId: 'wx0000000000000001', secret: 'mini-secret' };
export const MOBILE_APP = { appId: 'wx0000000000000002', secret: 'mobile-secret' };
export const OPENID = 'oPayer000000000000000000000a';

/** A WeChat that knows the two apps. */
export function startWechat(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  return startTestSimulator({ speed: 1000, apps: [MINI_PROGRAM, MOBILE_APP], ...options });
}

export function loginConfig(apiBase: string, timeoutSeconds = 2): WechatConfig {
  return {
    mode: 'simulator',
    apiBase,
    miniProgram: MINI_PROGRAM,
    mobileApp: MOBILE_APP,
    oauth: false,
    timeoutSeconds,
    pay: null,
  };
}

export function payConfig(simulator: Simulator, notifyUrl: string, mode: KeyMode, timeoutSeconds = 2): WechatConfig {
  return {
    ...loginConfig(simulator.url, timeoutSeconds),
    pay: simulatorPayConfig(simulator.keys, simulator.url, notifyUrl, mode),
  };
}

/** A client that has fetched what it verifies with, as after the start of the application. */
export async function startedClient(config: WechatConfig, now: () => number = Date.now): Promise<WechatPayClient> {
  const client = new WechatPayClient(config, now);
  await client.onModuleInit();
  client.onModuleDestroy();
  return client;
}

export interface ReceivedNotice {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A merchant's notify URL. */
export class Receiver {
  readonly received: ReceivedNotice[] = [];
  /** Decides the HTTP status of the answer. */
  answer: (notice: ReceivedNotice) => number | Promise<number> = () => 204;

  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const notice = { headers: request.headers, body: Buffer.concat(chunks) };
      this.received.push(notice);
      void Promise.resolve(this.answer(notice)).then((status) => response.writeHead(status).end());
    });
  });

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.server.listen(0, '127.0.0.1');
    await once(receiver.server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/wx/notify`;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

let count = 0;

/** A number that this test process has not used yet. */
export function newNumber(prefix = 'T'): string {
  count += 1;
  return `${prefix}2026112000${String(count).padStart(6, '0')}`;
}
