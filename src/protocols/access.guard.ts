import { Injectable, RequestMethod, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DomainError } from '../common/domain-error.js';
import { hasAny } from '../common/permission.js';
import { Authenticator } from '../common/principal.js';
import { Config } from '../config/config.js';
import { ACCESS, DIALECT, UNSAFE_GET, type Access } from './decorators.js';
import type { Dialect, RouteFacts, WireRequest } from './dialect.js';

interface RouteRules {
  readonly dialect: Dialect;
  readonly access: Access;
  readonly facts: RouteFacts;
}

/** The one guard: finds the route's dialect and access from its metadata, never from the URL; refuses what declares nothing. */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly rules = new Map<unknown, RouteRules>();

  constructor(
    private readonly authenticator: Authenticator,
    private readonly config: Config,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<WireRequest>();
    const { dialect, access, facts } = this.rulesOf(context);
    request.dialect = dialect;
    dialect.admit?.(request, facts);
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
      const unsafeGet = Reflect.getMetadata(UNSAFE_GET, handler) === true;
      rules = {
        dialect,
        access,
        facts: { config: this.config, methods: methodsBeside(context.getClass(), handler), unsafeGet },
      };
      this.rules.set(handler, rules);
    }
    return rules;
  }
}

/** Methods of the controller's handlers on the same path. */
function methodsBeside(controller: { prototype: object }, handler: object): string[] {
  const path: unknown = Reflect.getMetadata(PATH_METADATA, handler);
  return Object.getOwnPropertyNames(controller.prototype)
    .map((name) => (controller.prototype as Record<string, unknown>)[name])
    .filter((other) => typeof other === 'function' && Reflect.hasMetadata(METHOD_METADATA, other))
    .filter((other) => Reflect.getMetadata(PATH_METADATA, other as object) === path)
    .map((other) => RequestMethod[Reflect.getMetadata(METHOD_METADATA, other as object) as RequestMethod]);
}
