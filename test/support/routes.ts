import { RequestMethod, type INestApplication } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import type { Dialect } from '../../src/protocols/dialect.js';
import type { Limited } from '../../src/protocols/limits/rate-limit.js';
import { INPUT_INDEX } from '../../src/protocols/doc.js';
import { Declared, type Access, type CountedTrips } from '../../src/protocols/route-rules.js';

export interface DeclaredRoute {
  readonly method: string;
  readonly path: string;
  readonly handler: string;
  /** Undefined when the controller declares none. */
  readonly dialect: Dialect | undefined;
  /** Undefined when the route declares nothing. */
  readonly access: Access | undefined;
  readonly limit: Limited | undefined;
  readonly roundTrips: CountedTrips | undefined;
  /** The class of its parameters. */
  readonly input: (new () => object) | undefined;
}

/** Every route of every controller in the application, whether it declares something or not. */
export function routesOf(app: INestApplication): DeclaredRoute[] {
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [...module.controllers.values()]);
  const types = new Set(controllers.map(({ metatype }) => metatype as new () => object));
  return [...types].flatMap((type) => handlersOf(type).map(([name, handler]) => routeOf(type, name, handler)));
}

/** Inherited handlers are routes too. */
function handlersOf(type: new () => object): [name: string, handler: object][] {
  const names = new Set<string>();
  for (let at: object | null = type.prototype as object; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return [...names]
    .map((name) => [name, (type.prototype as Record<string, unknown>)[name]] as [string, object])
    .filter(([, member]) => typeof member === 'function' && Reflect.hasMetadata(METHOD_METADATA, member));
}

function routeOf(type: new () => object, name: string, handler: object): DeclaredRoute {
  const prototype = type.prototype as object;
  const index = Reflect.getMetadata(INPUT_INDEX, prototype, name) as number | undefined;
  const parameters = Reflect.getMetadata('design:paramtypes', prototype, name) as (new () => object)[];
  const parts = [Reflect.getMetadata(PATH_METADATA, type), Reflect.getMetadata(PATH_METADATA, handler)] as string[];
  return {
    method: RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod],
    path: `/${parts.join('/')}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1'),
    handler: `${type.name}.${name}`,
    dialect: Reflect.getMetadata(Declared.dialect.KEY, type) as Dialect | undefined,
    access: Reflect.getMetadata(Declared.access.KEY, handler) as Access | undefined,
    limit: Reflect.getMetadata(Declared.limit.KEY, handler) as Limited | undefined,
    roundTrips: Reflect.getMetadata(Declared.roundTrips.KEY, handler) as CountedTrips | undefined,
    input: index === undefined ? undefined : parameters[index],
  };
}
