import { applyDecorators } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';

/** Round trips by case; the usual one is called `''`. */
export type CountedTrips = Readonly<Record<string, number>>;

export const DeclaredRoundTrips = Reflector.createDecorator<CountedTrips>();

/**
 * Statements that a request sends to MySQL with its caller's session remembered, COMMIT counted, BEGIN too where it is sent; in
 * `others` those of requests that go another way, by what they do. `test/performance/round-trips.e2e-spec.ts` counts them.
 */
export function RoundTrips(count: number, others: CountedTrips = {}): MethodDecorator {
  return applyDecorators(DeclaredRoundTrips({ '': count, ...others }), ApiExtension('x-round-trips', count));
}
