import { Get, Res } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { Response } from 'express';
import { Operations, Public } from '../protocols/decorators.js';
import { Readiness } from './readiness.js';

@Operations('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('live')
  @Public()
  @ApiOperation({ summary: 'The process answers' })
  live(): object {
    return { status: 'ok' };
  }

  /** 503 while the database is away or takes no writes, migrations are pending or the server is shutting down; warnings do not change the status. */
  @Get('ready')
  @Public()
  @ApiOperation({ summary: 'Database and migrations are in order' })
  async ready(@Res({ passthrough: true }) response: Response): Promise<object> {
    const report = await this.readiness.report();
    if (report.status !== 'ok') response.status(503);
    return report;
  }
}
