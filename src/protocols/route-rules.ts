import { Injectable, RequestMethod, type ExecutionContext } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { Config } from '../config/config.js';
import type { Dialect, EnvelopeExtras, RouteFacts } from './dialect.js';
import type { Limited } from './limits/rate-limit.js';

/** Who may call a route. */
export type Access =
  /** Everybody; with `recognise` a good login says who calls, and a bad one is ignored. */
  | { readonly kind: 'public'; readonly recognise: boolean }
  /** A login with one of these permission bits. */
  | { readonly kind: 'login'; readonly bits: number }
  /** What the strategy of this name lets in. */
  | { readonly kind: 'signed'; readonly strategy: string };

/** Round trips by case; the usual one is called `''`. */
export type CountedTrips = Readonly<Record<string, number>>;

/** What decorators declare; `protocols/decorators.ts` has them by the names that routes use. */
export const Declared = {
  dialect: Reflector.createDecorator<Dialect>(),
  access: Reflector.createDecorator<Access>(),
  unsafeGet: Reflector.createDecorator<true>(),
  envelope: Reflector.createDecorator<EnvelopeExtras>(),
  limit: Reflector.createDecorator<Limited>(),
  roundTrips: Reflector.createDecorator<CountedTrips>(),
} as const;

export interface RouteRule {
  readonly dialect: Dialect;
  readonly access: Access;
  readonly facts: RouteFacts;
  readonly envelope: EnvelopeExtras;
  readonly limit: Limited | undefined;
}

/** What each route declares, read from its metadata once; never from the URL, but for requests that reached no route. */
@Injectable()
export class RouteRules {
  private readonly rules = new Map<object, RouteRule>();
  private failures: ReadonlyMap<string, EnvelopeExtras['failure']> | undefined;

  constructor(
    private readonly config: Config,
    private readonly reflector: Reflector,
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  of(context: ExecutionContext): RouteRule {
    const handler = context.getHandler() as () => unknown;
    let rule = this.rules.get(handler);
    if (!rule) {
      rule = this.read(context.getClass(), handler);
      this.rules.set(handler, rule);
    }
    return rule;
  }

  /** What a failure at this path carries besides its wire's keys, also where body or method kept it from its route. */
  failureAt(path: string): EnvelopeExtras['failure'] {
    this.failures ??= new Map(this.failuresByPath());
    return this.failures.get(normal(path));
  }

  private read(controller: { prototype: object; name: string }, handler: () => unknown): RouteRule {
    const dialect: Dialect | undefined = this.reflector.get(Declared.dialect, controller as never);
    const access: Access | undefined = this.reflector.get(Declared.access, handler);
    if (!dialect || !access) throw new Error(`${controller.name}.${handler.name} declares no wire or no access`);
    const unsafeGet = this.reflector.get(Declared.unsafeGet, handler) ?? false;
    return {
      dialect,
      access,
      facts: { config: this.config, methods: this.methodsBeside(controller.prototype, handler), unsafeGet },
      envelope: this.reflector.get(Declared.envelope, handler) ?? {},
      limit: this.reflector.get(Declared.limit, handler),
    };
  }

  private handlersOf(prototype: object): (() => unknown)[] {
    return this.scanner
      .getAllMethodNames(prototype)
      .map((name) => (prototype as Record<string, () => unknown>)[name])
      .filter((handler) => Reflect.hasMetadata(METHOD_METADATA, handler));
  }

  /** Methods of the controller's handlers on the same path. */
  private methodsBeside(prototype: object, handler: object): string[] {
    const path: unknown = Reflect.getMetadata(PATH_METADATA, handler);
    return this.handlersOf(prototype)
      .filter((other) => Reflect.getMetadata(PATH_METADATA, other) === path)
      .map((other) => RequestMethod[Reflect.getMetadata(METHOD_METADATA, other) as RequestMethod]);
  }

  private *failuresByPath(): Generator<[path: string, failure: EnvelopeExtras['failure']]> {
    for (const { metatype } of this.discovery.getControllers()) {
      if (!metatype) continue;
      for (const handler of this.handlersOf(metatype.prototype as object)) {
        const { failure }: EnvelopeExtras = this.reflector.get(Declared.envelope, handler) ?? {};
        const parts = [metatype, handler].map((part) => Reflect.getMetadata(PATH_METADATA, part) as string);
        if (failure) yield [normal(`/${parts.join('/')}`), failure];
      }
    }
  }
}

/** As Express compares paths: letter case and one slash at the end mean nothing. */
function normal(path: string): string {
  return path.toLowerCase().replace(/\/$/, '');
}
