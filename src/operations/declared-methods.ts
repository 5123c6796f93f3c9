import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, type DiscoverableDecorator } from '@nestjs/core';

/** Finds what providers declare on their methods by a decorator of `DiscoveryService.createDecorator`. */
@Injectable()
export class DeclaredMethods {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** To be asked when all providers are there, at `onApplicationBootstrap`. Methods come bound. */
  *by<T, M extends (...given: never[]) => unknown>(
    decorator: DiscoverableDecorator<T>,
  ): Generator<[given: T, method: M]> {
    for (const wrapper of this.discovery.getProviders()) {
      const instance = wrapper.instance as Record<string, M> | null;
      if (wrapper.isNotMetatype || !instance) continue;
      for (const name of this.scanner.getAllMethodNames(Object.getPrototypeOf(instance) as object)) {
        const given = this.discovery.getMetadataByDecorator(decorator, wrapper, name);
        if (given !== undefined) yield [given, instance[name].bind(instance) as M];
      }
    }
  }
}
