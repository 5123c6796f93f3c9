import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { IsEmail } from 'class-validator';
import { DomainError } from '../common/domain-error.js';
import { fieldNames, From, Id, IdList, Int, Length, Nested, OneOf, Seconds, Str, Yuan } from './fields.js';
import { InputPipe } from './input.pipe.js';

class Parent {
  @Id()
  id!: number;
}

class Child extends Parent {
  @Str(0, 3, { optional: true })
  message = '';

  @Yuan(1, 500)
  price!: number;

  @From()
  from = 0;

  @Length()
  length = 10;
}

class Item {
  @Id()
  product_id!: number;

  @Int(1, 9, { optional: true })
  count = 1;
}

class Order {
  @Nested(Item, { min: 1, max: 2 })
  items!: Item[];
}

class Holder {
  @Nested(Child, { single: true })
  child!: Child;
}

class Mixed {
  @Id()
  id!: number;

  @IsEmail()
  mail!: string;
}

const pipe = new InputPipe();

function read<T extends object>(type: new () => T, raw: object): Promise<T> {
  return pipe.transform({ ...raw }, { type: 'custom', metatype: type }) as Promise<T>;
}

/** The sentence of the refusal. */
async function refusal(type: new () => object, raw: object): Promise<string> {
  try {
    await read(type, raw);
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    expect((error as DomainError).code).toBe('invalid');
    return (error as DomainError).message;
  }
  throw new Error('not refused');
}

describe('a request read into its DTO', () => {
  it('has decoded values, the defaults of the class, and nothing that nobody declared', async () => {
    const input = await read(Child, { id: '7', price: '1.15', extra: 1, toString: 'x' });
    expect(input).toBeInstanceOf(Child);
    expect({ ...input }).toEqual({ id: 7, price: 115, message: '', from: 0, length: 10 });
  });

  it('is refused with one sentence a field, inherited ones first', async () => {
    expect(await refusal(Child, { message: 'long', length: 0 })).toBe(
      'id is required; message must be text of at most 3 characters; price is required; length must be a whole number from 1',
    );
    expect(await refusal(Child, { id: null, price: 5.01 })).toBe(
      'id must be an id; price must be an amount of yuan from 0.01 to 5 with at most two decimals',
    );
  });

  it('names the place of what is wrong inside', async () => {
    expect(await refusal(Order, { items: [{ product_id: 1 }, { product_id: 'x', count: 10 }] })).toBe(
      'items.1.product_id must be an id; items.1.count must be a whole number from 1 to 9',
    );
    expect(await refusal(Holder, { child: { price: 1 } })).toBe('child.id is required');
  });

  it.each([
    ['nothing', {}, 'items is required'],
    ['an object', { items: {} }, 'items must be a list of 1 to 2, each an object with valid fields'],
    ['too many', { items: [{}, {}, {}] }, 'items must be a list of 1 to 2, each an object with valid fields'],
    ['a list of lists', { items: [[]] }, 'items must be a list of 1 to 2, each an object with valid fields'],
  ])('refuses %s for a list of objects', async (_, raw, sentence) => {
    expect(await refusal(Order, raw)).toBe(sentence);
  });

  it.each([1, 'x', null, []])('refuses %j for an object', async (child) => {
    expect(await refusal(Holder, { child })).toBe('child must be an object with valid fields');
  });

  it('gives nested objects their class and its defaults', async () => {
    const { items } = await read(Order, { items: [{ product_id: '3', unknown: 1 }] });
    expect(items[0]).toBeInstanceOf(Item);
    expect({ ...items[0] }).toEqual({ product_id: 3, count: 1 });
  });

  it.each(['__proto__', 'constructor', 'prototype'])('takes a key %s for an ordinary unknown one', async (key) => {
    const raw = (inner: string): object => JSON.parse(`{"id":1,"price":1,"${key}":${inner}}`) as object;
    for (const inner of ['"x"', 'null', '{"id":2}', '{"prototype":{"polluted":1}}']) {
      expect({ ...(await read(Child, raw(inner))) }).toMatchObject({ id: 1, price: 100 });
      expect(await refusal(Child, { ...raw(inner), id: JSON.parse(`{"${key}":${inner}}`) as object })).toBe(
        'id must be an id',
      );
      const item = JSON.parse(`{"product_id":1,"${key}":${inner}}`) as object;
      expect((await read(Order, { items: [item] })).items[0].product_id).toBe(1);
    }
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it("keeps class-validator's own decorators, which may stand beside ours", async () => {
    expect(await read(Mixed, { id: 1, mail: 'a@b.example' })).toMatchObject({ id: 1, mail: 'a@b.example' });
    expect(await refusal(Mixed, { id: 'x', mail: 'b' })).toBe('id must be an id; mail must be an email');
  });

  it('knows the names of its fields', () => {
    expect(fieldNames(Child).toSorted()).toEqual(['from', 'id', 'length', 'message', 'price']);
  });
});

describe('an id', () => {
  it.each([1, '1', 28, '28', Number.MAX_SAFE_INTEGER, '9007199254740991'])('is %j', async (id) => {
    expect((await read(Parent, { id })).id).toBe(Number(id));
  });

  it.each(['028', '+1', '1.0', '00', '0', '-1', ' 1', '1 ', '1e3', '', '٥', 0, -1, 1.5, '9007199254740993', true, [1]])(
    'is not %j',
    async (id) => {
      expect(await refusal(Parent, { id })).toBe('id must be an id');
    },
  );

  it('is no other in a list', async () => {
    class Ids {
      @IdList(0, 3)
      ids!: number[];
    }
    expect((await read(Ids, { ids: ['1', 2] })).ids).toEqual([1, 2]);
    expect(await refusal(Ids, { ids: ['01'] })).toBe('ids must be a list of 0 to 3, each an id');
  });

  it('is stricter than a number, which may be written with zeros in front', async () => {
    class Numbers {
      @Int(0, 99)
      count!: number;

      @OneOf([0, 1], { optional: true })
      kind = 0;

      @Seconds({ optional: true })
      time?: Date;
    }
    expect({ ...(await read(Numbers, { count: '028', kind: '1', time: '5' })) }).toEqual({
      count: 28,
      kind: 1,
      time: new Date(5000),
    });
  });
});
