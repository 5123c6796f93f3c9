import type { WechatConfig } from '../../src/config/wechat.config.js';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.js';

export const MINI_PROGRAM = { appId: 'wx0000000000000001', secret: 'mini-secret' };
export const MOBILE_APP = { appId: 'wx0000000000000002', secret: 'mobile-secret' };

export function startTestSimulator(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  return startSimulator({ port: 0, speed: 1000, apps: [MINI_PROGRAM, MOBILE_APP], ...options });
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
