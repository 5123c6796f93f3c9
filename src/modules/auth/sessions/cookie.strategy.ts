import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Identity } from '../../../common/principal.js';
import type { WireRequest } from '../../../protocols/dialect.js';
import { Passport, RequestStrategy } from '../../../protocols/passport.js';
import { SessionsService } from './sessions.service.js';

/** The web wire's session cookie. */
@Injectable()
export class CookieStrategy extends PassportStrategy(RequestStrategy, 'cookie') {
  constructor(
    passport: Passport,
    private readonly sessions: SessionsService,
  ) {
    super();
    passport.use('cookie', this);
  }

  /** Its session slides: the credential has no end of its own. @throws DomainError `invalid_token` */
  async validate({ credential }: WireRequest): Promise<Identity> {
    return { principal: await this.sessions.ofCookie(credential!.token), validUntil: Number.POSITIVE_INFINITY };
  }
}
