import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy, type SecretOrKeyProvider } from 'passport-jwt';
import { Clock } from '../../../common/clock.js';
import { DomainError } from '../../../common/domain-error.js';
import type { Identity } from '../../../common/principal.js';
import type { WireRequest } from '../../../protocols/dialect.js';
import { Passport } from '../../../protocols/passport.js';
import { AccessTokens, SIGNING, type AccessClaims } from './access-tokens.js';
import { SessionsService } from './sessions.service.js';

/** `Authorization: Bearer` with one of our access tokens. Its times are judged by our clock, not by jsonwebtoken's. */
@Injectable()
export class BearerStrategy extends PassportStrategy(Strategy, 'bearer') {
  constructor(
    passport: Passport,
    tokens: AccessTokens,
    private readonly sessions: SessionsService,
    private readonly clock: Clock,
  ) {
    const key: SecretOrKeyProvider = (_request, _token, done) => done(null, tokens.key as never);
    super({
      jwtFromRequest: (request: WireRequest) => request.credential?.token ?? null,
      secretOrKeyProvider: key,
      algorithms: [SIGNING.algorithm],
      issuer: SIGNING.issuer,
      audience: SIGNING.audience,
      ignoreExpiration: true,
      jsonWebTokenOptions: { ignoreNotBefore: true },
    });
    passport.use('bearer', this);
  }

  /** @throws DomainError `invalid_token` for what is no access token, has expired, or belongs to a login that has ended */
  async validate(claims: Partial<AccessClaims> & { typ?: unknown; nbf?: unknown }): Promise<Identity> {
    const { typ, sid, exp, nbf } = claims;
    const now = Math.floor(this.clock.now() / 1000);
    if (typ !== 'at' || typeof sid !== 'string' || typeof exp !== 'number' || nbf !== undefined) {
      throw new DomainError('invalid_token', 'the token is not valid');
    }
    if (exp <= now) throw new DomainError('invalid_token', 'the token has expired');
    return { principal: await this.sessions.ofToken(claims as AccessClaims), validUntil: exp * 1000 };
  }
}
