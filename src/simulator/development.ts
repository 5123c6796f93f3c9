import { Logger } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { loadOrCreateSimulatorKeys, simulatorPayConfig } from './keys.js';
import { startSimulator } from './simulator.js';

const FOLDER = 'data/simulator';
const NOTIFY_PATH = '/api/v1/payment/notify';

/** Starts the simulator beside the server and completes the configuration with its keys; one that `npm run simulator` runs already is used. */
export async function startForDevelopment(config: Config): Promise<Config> {
  const keys = await loadOrCreateSimulatorKeys(FOLDER);
  const { miniProgram, mobileApp } = config.wechat;
  let url = `http://127.0.0.1:${config.simulatorPort}`;
  if (!(await isSimulator(url))) {
    const simulator = await startSimulator({
      port: config.simulatorPort,
      folder: FOLDER,
      keys,
      apps: [miniProgram, mobileApp],
    });
    simulator.detach();
    url = simulator.url;
  }
  if (config.logLevel !== 'silent') new Logger('simulator').log(`WeChat simulator at ${url} (open it to pay)`);
  const notifyUrl = `http://127.0.0.1:${config.port}${NOTIFY_PATH}`;
  return { ...config, wechat: { ...config.wechat, apiBase: url, pay: simulatorPayConfig(keys, url, notifyUrl) } };
}

async function isSimulator(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/_control/ping`, { signal: AbortSignal.timeout(1000) });
    const answer = (await response.json()) as { simulator?: unknown };
    return answer.simulator === true;
  } catch {
    return false;
  }
}
