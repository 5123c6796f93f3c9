import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiExtension, ApiOperation } from '@nestjs/swagger';
import type { ErrorCode } from '../common/domain-error.js';

export const INPUT_INDEX = Symbol('input');

export interface RouteDoc<T = void> {
  /** The document's own title, in Chinese. */
  readonly zh: string;
  /** One English sentence. */
  readonly en: string;
  /** What the method returns, as in the document's example; the dialect's envelope is added, the schema is that of the view class. */
  readonly answer?: NoInfer<T>;
  /** Refusals beyond those of the access rule and of parameters. */
  readonly errors?: Partial<Record<ErrorCode, string>>;
}

/** A method whose result is a `T`; the decorator's example is one too. */
type RouteDecorator<T> = <M extends (...given: never[]) => T | Promise<T>>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/** Swagger text of one route: `@Doc<OrderView>({ …, answer: ORDER_EXAMPLE })`. Its parameters are read from the method's `@Input()` DTO. */
export function Doc<T = void>(doc: RouteDoc<T>): RouteDecorator<T> {
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
