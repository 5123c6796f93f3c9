import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { DomainError } from '../common/domain-error.js';
import { Config } from '../config/config.js';
import type { WireRequest } from '../protocols/dialect.js';
import { Passport, RequestStrategy } from '../protocols/passport.js';

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** Who runs the server: whoever asks from its own machine or has `METRICS_TOKEN`; outside production everybody. */
@Injectable()
export class OperatorStrategy extends PassportStrategy(RequestStrategy, 'operator') {
  constructor(
    passport: Passport,
    private readonly config: Config,
  ) {
    super();
    passport.use('operator', this);
  }

  /** To others the route does not exist. @throws DomainError `unknown_route` */
  async validate({ socket, headers }: WireRequest): Promise<object> {
    const { production, metricsToken } = this.config;
    const hasToken = metricsToken !== null && headers.authorization === `Bearer ${metricsToken}`;
    if (!production || hasToken || LOOPBACK.has(socket.remoteAddress ?? '')) return {};
    throw new DomainError('unknown_route', 'no such route');
  }
}
