import { Injectable, ValidationPipe, type ArgumentMetadata, type Type } from '@nestjs/common';
import * as classTransformer from 'class-transformer';
import * as classValidator from 'class-validator';
import { DomainError } from '../common/domain-error.js';
import { fieldNames } from './fields.js';

const CHECKING = { whitelist: true, stopAtFirstError: true, forbidUnknownValues: false };

type Fields = Readonly<Record<string, unknown>>;

/** What class-validator knows of a class, looked up once. */
interface Known {
  readonly fields: readonly string[];
  /** Whether an instance passes all of it. */
  readonly isFine: (input: Fields) => boolean;
}

/**
 * Nest's ValidationPipe with `transform` and `whitelist`: a request becomes its DTO, or one sentence that names every wrong field.
 * It keeps what class-validator would look up again for each request (docs/decisions/025-validation.md).
 */
@Injectable()
export class InputPipe extends ValidationPipe {
  private readonly known = new Map<Type<object>, Known>();

  constructor() {
    super({ validateCustomDecorators: true, validatorPackage: classValidator, transformerPackage: classTransformer });
  }

  /** @throws DomainError `invalid` */
  override async transform(value: Fields, { metatype }: ArgumentMetadata): Promise<object> {
    const type = metatype as Type<object>;
    const { fields, isFine } = this.knownOf(type);
    const declared = this.pick(value, fields);
    const input = classTransformer.plainToInstance(type, declared);
    if (isFine(input as Fields)) return input;
    const errors = classValidator.validateSync(input, CHECKING);
    if (errors.length === 0) return input;
    throw new DomainError('invalid', sentencesOf(errors).join('; '));
  }

  /** What nobody declared stays outside, and keys that would change prototypes do too. */
  private pick(value: Fields, fields: readonly string[]): object {
    const picked: Record<string, unknown> = {};
    for (const field of fields) {
      if (!Object.hasOwn(value, field)) continue;
      const part = (picked[field] = value[field]);
      if (typeof part === 'object') this.stripProtoKeys(part);
    }
    return picked;
  }

  private knownOf(type: Type<object>): Known {
    let known = this.known.get(type);
    if (!known) this.known.set(type, (known = newKnown(type)));
    return known;
  }
}

/** Asks the constraints of a class themselves. What is nested or conditional it leaves to class-validator as a whole. */
function newKnown(type: Type<object>): Known {
  const storage = classValidator.getMetadataStorage();
  const declared = storage.getTargetValidationMetadatas(type, '', false, false);
  const fields = fieldNames(type);
  if (declared.some(({ type: kind, each }) => kind !== classValidator.ValidationTypes.CUSTOM_VALIDATION || each)) {
    return { fields, isFine: () => false };
  }
  const rules = declared.flatMap(({ constraintCls, constraints, propertyName: property }) =>
    storage.getTargetValidatorConstraints(constraintCls).map(({ instance }) => ({ instance, constraints, property })),
  );
  return {
    fields,
    isFine: (object) =>
      rules.every(({ instance, constraints, property }) => {
        const value = object[property];
        return instance.validate(value, { value, property, constraints, object, targetName: type.name }) === true;
      }),
  };
}

/** In the order of the class's fields, those of its parents first. */
function sentencesOf(errors: readonly classValidator.ValidationError[], path = ''): string[] {
  const fields = Object.keys(errors[0]?.target ?? {});
  const inOrder = errors.toSorted((a, b) => fields.indexOf(a.property) - fields.indexOf(b.property));
  return inOrder.flatMap(({ property, constraints = {}, children = [] }) => [
    ...Object.values(constraints).map((sentence) => path + sentence),
    ...sentencesOf(children, `${path}${property}.`),
  ]);
}
