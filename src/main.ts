import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { Logger } from '@nestjs/common';
import { ConfigError } from './config/environment.js';
import { loadConfig, type Config } from './config/config.js';
import { exposureOf } from './operations/exposure.js';
import { shutDownOnSignals } from './graceful-shutdown.js';
import { createServer } from './server.js';

/** How much the heap may grow, in percent of what is alive, before V8 looks for what is not: it would let a busy server triple. */
const HEAP_GROWTH = 50;

/** Outside production a WeChat of our own answers: its keys complete the configuration. */
async function withSimulator(config: Config): Promise<Config> {
  if (config.production || config.wechat.mode !== 'simulator') return config;
  const { startForDevelopment } = await import('./simulator/development.js');
  return startForDevelopment(config);
}

async function main(): Promise<void> {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH}`);
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = await withSimulator(loadConfig(process.env));
  const app = await createServer(config);
  shutDownOnSignals(app);
  if (config.seedDemo) await (await import('./demo/seed-demo.js')).seedDemo(app);
  const logger = new Logger('livemall');
  const exposure = exposureOf(config);
  if (exposure !== null) logger.warn(exposure);
  await app.listen(config.port, config.host);
  const url = `http://localhost:${config.port}`;
  logger.log(`listening on ${url}, documents at ${url}/docs`);
}

main().catch((error: unknown) => {
  const message = error instanceof ConfigError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
  setTimeout(() => process.exit(1), 100).unref();
});
