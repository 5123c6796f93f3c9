import { Get, Req, Res } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { DomainError } from '../common/domain-error.js';
import { Config } from '../config/config.js';
import { Operator, Public } from '../protocols/decorators.js';
import { Metrics } from './metrics.js';

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

@Operator('metrics')
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly config: Config,
  ) {}

  /** In production only from loopback, or with `Authorization: Bearer <METRICS_TOKEN>`. */
  @Get()
  @Public()
  @ApiOperation({ summary: 'Prometheus metrics' })
  async read(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (!this.isAllowed(request)) throw new DomainError('unknown_route', 'no such route');
    response.type(this.metrics.registry.contentType).send(await this.metrics.registry.metrics());
  }

  private isAllowed(request: Request): boolean {
    const { production, metricsToken } = this.config;
    if (!production || LOOPBACK.has(request.socket.remoteAddress ?? '')) return true;
    return metricsToken !== null && request.headers.authorization === `Bearer ${metricsToken}`;
  }
}
