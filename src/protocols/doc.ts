import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiExtension, ApiOperation } from '@nestjs/swagger';
import type { ErrorCode } from '../common/domain-error.js';

export const INPUT_INDEX = Symbol('input');

export interface RouteDoc {
  /** The document's own title, in Chinese. */
  readonly zh: string;
  /** One English sentence. */
  readonly en: string;
  /** What the method returns, as in the document's example; the dialect's envelope is added. */
  readonly answer?: unknown;
  /** Refusals beyond those of the access rule and of parameters. */
  readonly errors?: Partial<Record<ErrorCode, string>>;
}

/** Swagger text of one route; its parameters are read from the method's `@Input()` DTO. */
export function Doc(doc: RouteDoc): MethodDecorator {
  return (target, key, descriptor) => {
    const index = Reflect.getMetadata(INPUT_INDEX, target, key) as number | undefined;
    const types = (Reflect.getMetadata('design:paramtypes', target, key) ?? []) as (new () => object)[];
    const dto = index === undefined ? undefined : types[index];
    applyDecorators(
      ApiOperation({ summary: doc.zh, description: doc.en }),
      ApiExtension('x-doc', { answer: doc.answer, errors: doc.errors ?? {} }),
      ...(dto ? [ApiBody({ type: dto })] : []),
    )(target, key, descriptor);
  };
}
