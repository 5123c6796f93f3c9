import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { DomainError } from '../common/domain-error.js';
import { isLoopback } from '../common/network.js';
import { Config } from '../config/config.js';
import type { WireRequest } from '../protocols/dialect.js';
import { Passport, RequestStrategy } from '../protocols/passport.js';

const FORWARDED = ['x-forwarded-for', 'forwarded', 'x-real-ip'];

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
  async validate({ ip = '', headers }: WireRequest): Promise<object> {
    const { production, metricsToken, trustedProxies } = this.config;
    const hasToken = metricsToken !== null && headers.authorization === `Bearer ${metricsToken}`;
    // A proxy on this machine that nobody has named asks for all the world from loopback.
    const isForwarded = trustedProxies.length === 0 && FORWARDED.some((name) => headers[name] !== undefined);
    if (!production || hasToken || (isLoopback(ip) && !isForwarded)) return {};
    throw new DomainError('unknown_route', 'no such route');
  }
}
