import { loadConfig } from '../config/config.js';
import { startSimulator } from './simulator.js';

const config = loadConfig({ ...process.env, WECHAT_MODE: 'simulator' });
const simulator = await startSimulator({
  port: config.simulatorPort,
  folder: 'data/simulator',
  apps: [config.wechat.miniProgram, config.wechat.mobileApp],
});
process.stdout.write(`The WeChat simulator listens at ${simulator.url}/ (open it to pay), keys in data/simulator\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void simulator.close().then(() => process.exit(0)));
}
