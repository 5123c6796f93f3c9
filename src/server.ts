import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import type { Clock } from './common/clock.js';
import type { Config } from './config/config.js';
import { createLogger, PinoLoggerService } from './operations/logger.js';
import { Metrics } from './operations/metrics.js';
import { requestLog } from './operations/request-log.js';
import { serveDocs } from './operations/docs.js';
import { serveStartPage } from './operations/start-page.js';
import { BornExpressAdapter } from './protocols/born-express.adapter.js';
import { securityHeaders } from './protocols/reply.js';
import { installRequestPipeline } from './protocols/request-pipeline.js';

/** The application as it is served and as the tests start it; not yet listening. */
export async function createServer(
  config: Config,
  clock?: Clock,
  logger: Logger = createLogger(config.logLevel),
): Promise<NestExpressApplication> {
  const adapter = new BornExpressAdapter(securityHeaders(config.production));
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(config, clock), adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: new PinoLoggerService(logger),
  });
  app.use(requestLog(logger, app.get(Metrics)));
  installRequestPipeline(app, config);
  serveDocs(app, config);
  serveStartPage(app, config);
  adapter.routeDirectly();
  await app.init();
  return app;
}
