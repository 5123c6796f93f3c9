import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Clock } from '../../../common/clock.js';
import { Config } from '../../../config/config.js';

export interface AccessClaims {
  /** The user's public id. */
  readonly sub: string;
  /** The login session. */
  readonly sid: string;
  readonly ver: number;
  /** Unix seconds. */
  readonly exp: number;
}

/** HS256 and nothing else. */
export const SIGNING = { algorithm: 'HS256', issuer: 'livemall', audience: 'livemall' } as const;

/** Access tokens: JWT. They say who and which login, never what he may; the bearer strategy verifies them. */
@Injectable()
export class AccessTokens {
  /** A KeyObject: with a string, jsonwebtoken tries it as a public key at every verification. */
  readonly key: KeyObject;

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
    return { token: this.jwt.sign(payload, { secret: this.key as never, ...SIGNING }), expiry: payload.exp };
  }
}
