import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ClockWatch } from './clock-watch.js';
import { DeclaredMethods } from './declared-methods.js';
import { HealthController } from './health.controller.js';
import { Metrics } from './metrics.js';
import { MetricsController } from './metrics.controller.js';
import { OperatorStrategy } from './operator.strategy.js';
import { Readiness } from './readiness.js';

@Global()
@Module({
  imports: [DiscoveryModule],
  controllers: [HealthController, MetricsController],
  providers: [ClockWatch, DeclaredMethods, Metrics, OperatorStrategy, Readiness],
  exports: [DeclaredMethods, Metrics],
})
export class OperationsModule {}
