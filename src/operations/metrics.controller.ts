import { Get, Res } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { Response } from 'express';
import { Operations, Operator } from '../protocols/decorators.js';
import { Metrics } from './metrics.js';

@Operations('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  /** In production only from loopback, or with `Authorization: Bearer <METRICS_TOKEN>`. */
  @Get()
  @Operator()
  @ApiOperation({ summary: 'Prometheus metrics' })
  async read(@Res() response: Response): Promise<void> {
    response.type(this.metrics.registry.contentType).send(await this.metrics.registry.metrics());
  }
}
