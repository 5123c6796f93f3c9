import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { DomainError } from '../common/domain-error.js';
import { hasAny } from '../common/permission.js';
import { PrincipalCache } from '../common/principal-cache.js';
import type { Credential, Identity } from '../common/principal.js';
import type { WireRequest } from './dialect.js';
import { authenticate, Passport } from './passport.js';
import { RouteRules } from './route-rules.js';

/** The one guard: finds the route's dialect and access, runs the strategy of the credential's kind, and tests the permission. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly routes: RouteRules,
    private readonly passport: Passport,
    private readonly principals: PrincipalCache,
    private readonly clock: Clock,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<WireRequest>();
    const { dialect, envelope, access, facts } = this.routes.of(context);
    request.dialect = dialect;
    request.envelope = envelope;
    dialect.admit?.(request, facts);
    if (access.kind === 'public') return !access.recognise || this.recognise(request, dialect.credential(request));
    if (access.kind === 'signed') return this.verify(request, access.strategy);
    return this.logIn(request, dialect.credential(request), access.bits);
  }

  private async logIn(request: WireRequest, credential: Credential | null, bits: number): Promise<boolean> {
    if (!credential) throw new DomainError('unauthenticated', 'login required');
    this.accept(request, await this.identify(request, credential));
    if (!hasAny(request.principal!.permission, bits)) throw new DomainError('forbidden', 'permission denied');
    return true;
  }

  private async recognise(request: WireRequest, credential: Credential | null): Promise<boolean> {
    try {
      if (credential) this.accept(request, await this.identify(request, credential));
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'invalid_token') throw error;
    }
    return true;
  }

  private async verify(request: WireRequest, strategy: string): Promise<boolean> {
    const signer = await authenticate(this.passport, strategy, request);
    if (!signer) throw new DomainError('unauthenticated', 'not signed');
    request.signer = signer;
    return true;
  }

  private identify(request: WireRequest, credential: Credential): Promise<Identity> {
    request.credential = credential;
    return this.principals.get(credential, async () => {
      const identity = await authenticate<Identity>(this.passport, credential.kind, request);
      if (!identity) throw new DomainError('invalid_token', 'the token is not valid');
      return identity;
    });
  }

  private accept(request: WireRequest, { principal, validUntil }: Identity): void {
    if (validUntil <= this.clock.now()) throw new DomainError('invalid_token', 'the token has expired');
    request.principal = principal;
  }
}
