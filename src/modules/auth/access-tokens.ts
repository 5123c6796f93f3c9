import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import { Config } from '../../config/config.js';

export interface AccessClaims {
  /** The user's public id. */
  readonly sub: string;
  /** The login session. */
  readonly sid: string;
  readonly ver: number;
  /** Unix seconds. */
  readonly exp: number;
}

const ISSUER = 'livemall';
const MAX_REMEMBERED = 20_000;

/** Access tokens: JWT, HS256 and nothing else. They say who and which login, never what he may. */
@Injectable()
export class AccessTokens {
  /** A KeyObject: with a string, jsonwebtoken tries it as a public key at every verification. */
  private readonly key: KeyObject;
  private readonly verified = new Map<string, AccessClaims>();

  constructor(
    config: Config,
    private readonly jwt: JwtService,
    private readonly clock: Clock,
  ) {
    this.key = createSecretKey(Buffer.from(config.jwtSecret));
  }

  /** `lifetime` in seconds. */
  issue(claims: Omit<AccessClaims, 'exp'>, lifetime: number): { token: string; expiry: number } {
    const iat = Math.floor(this.clock.now() / 1000);
    const payload = { ...claims, typ: 'at', iat, exp: iat + lifetime, jti: randomBytes(8).toString('hex') };
    const token = this.jwt.sign(payload, {
      secret: this.key as never,
      algorithm: 'HS256',
      issuer: ISSUER,
      audience: ISSUER,
    });
    return { token, expiry: payload.exp };
  }

  /** @throws DomainError `invalid_token` */
  verify(token: string): AccessClaims {
    const seconds = Math.floor(this.clock.now() / 1000);
    const claims = this.verified.get(token) ?? this.check(token, seconds);
    if (claims.exp <= seconds) {
      this.verified.delete(token);
      throw new DomainError('invalid_token', 'the token has expired');
    }
    return claims;
  }

  private check(token: string, clockTimestamp: number): AccessClaims {
    try {
      const claims = this.jwt.verify<AccessClaims & { typ?: unknown }>(token, {
        secret: this.key as never,
        algorithms: ['HS256'],
        issuer: ISSUER,
        audience: ISSUER,
        clockTimestamp,
      });
      const complete = claims.typ === 'at' && typeof claims.sid === 'string' && typeof claims.exp === 'number';
      if (!complete) throw new Error('not an access token');
      if (this.verified.size >= MAX_REMEMBERED) this.verified.clear();
      this.verified.set(token, claims);
      return claims;
    } catch {
      throw new DomainError('invalid_token', 'the token is not valid');
    }
  }
}
