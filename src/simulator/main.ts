import { existsSync } from 'node:fs';
import { loadConfig } from '../config/config.js';
import { startSimulator } from './simulator.js';

/** `npm run simulator`: the simulator alone, with the keys and books that `npm start` uses too. */
async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = loadConfig({ ...process.env, WECHAT_MODE: 'simulator' });
  const simulator = await startSimulator({
    port: config.simulatorPort,
    folder: 'data/simulator',
    apps: [config.wechat.miniProgram, config.wechat.mobileApp],
  });
  process.stdout.write(`The WeChat simulator listens at ${simulator.url} (open it to pay)\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void simulator.close().then(() => process.exit(0)));
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
