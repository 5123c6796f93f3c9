import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { DomainError } from '../common/domain-error.js';
import { hasAny } from '../common/permission.js';
import { Authenticator } from '../common/principal.js';
import { ACCESS, DIALECT, type Access } from './decorators.js';
import type { Dialect, WireRequest } from './dialect.js';

interface RouteRules {
  readonly dialect: Dialect;
  readonly access: Access;
}

/** The one guard: finds the route's dialect and access from its metadata, never from the URL; refuses what declares nothing. */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly rules = new Map<unknown, RouteRules>();

  constructor(private readonly authenticator: Authenticator) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<WireRequest>();
    const { dialect, access } = this.rulesOf(context);
    request.dialect = dialect;
    dialect.admit?.(request);
    if (access === 0) return true;
    const credential = dialect.credential(request);
    if (!credential) throw new DomainError('unauthenticated', 'login required');
    const principal = await this.authenticator.authenticate(credential);
    request.principal = principal;
    if (!hasAny(principal.permission, access)) throw new DomainError('forbidden', 'permission denied');
    return true;
  }

  private rulesOf(context: ExecutionContext): RouteRules {
    const handler = context.getHandler();
    let rules = this.rules.get(handler);
    if (!rules) {
      const dialect = Reflect.getMetadata(DIALECT, context.getClass()) as Dialect | undefined;
      const access = Reflect.getMetadata(ACCESS, handler) as Access | undefined;
      if (!dialect || access === undefined) {
        throw new Error(`${context.getClass().name}.${handler.name} declares no wire or no access`);
      }
      rules = { dialect, access };
      this.rules.set(handler, rules);
    }
    return rules;
  }
}
