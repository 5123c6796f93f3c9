import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { beforeAll, describe, expect, it } from '@jest/globals';
import request, { type Test } from 'supertest';
import { fieldNames } from '../../src/protocols/fields.js';
import { OTHER_SPELLINGS } from '../support/refusals.js';
import { routesOf, type DeclaredRoute } from '../support/routes.js';
import { openTill } from '../support/till.js';

interface IdField {
  readonly route: DeclaredRoute;
  readonly field: string;
  readonly list: boolean;
}

const { app, mall, till, buyer, merchant, root } = openTill();

/** What the class of a route's parameters says of a field that it has refused. */
function ruleOf(input: new () => object, field: string): string {
  const [error] = validateSync(plainToInstance(input, { [field]: Symbol('nothing that a field takes') })).filter(
    ({ property }) => property === field,
  );
  return Object.values(error?.constraints ?? {}).join();
}

function idFieldsOf(route: DeclaredRoute): IdField[] {
  if (!route.input) return [];
  const { input } = route;
  return fieldNames(input).flatMap((field) => {
    const rule = ruleOf(input, field);
    return / (?:an id|a payment id)$/.test(rule) ? [{ route, field, list: rule.includes('a list of') }] : [];
  });
}

describe('an id is canonical decimal text', () => {
  let fields: IdField[];

  beforeAll(() => {
    fields = routesOf(app.app).flatMap(idFieldsOf);
  });

  const send = ({ route, field, list }: IdField, value: string, where: 'query' | 'body'): Test => {
    const path = route.path.replace(`:${field}`, encodeURIComponent(value));
    const verb = route.method.toLowerCase() as 'get' | 'post';
    const call = request(app.url)[verb](path).set('Authorization', `Bearer ${root.token}`);
    if (path !== route.path) return call;
    return where === 'body' ? call.send({ [field]: list ? [value] : value }) : call.query({ [field]: value });
  };
  const refuses = async (...call: Parameters<typeof send>): Promise<boolean> => {
    const { text } = await send(...call);
    return new RegExp(`\\b${call[0].field} must be`).test(text);
  };

  it('on all routes that take one, in path, query and body', async () => {
    expect(fields.length).toBeGreaterThan(30);
    expect(fields.filter(({ route, field }) => route.path.includes(`:${field}`)).length).toBeGreaterThanOrEqual(6);
    const wrong: string[] = [];
    for (const one of fields) {
      for (const where of one.list ? (['body'] as const) : (['query', 'body'] as const)) {
        const taken: string[] = [];
        for (const value of OTHER_SPELLINGS) if (!(await refuses(one, value, where))) taken.push(value);
        if (await refuses(one, '1', where)) taken.push('not 1');
        if (taken.length > 0)
          wrong.push(`${one.route.method} ${one.route.path} ${one.field} ${where}: ${taken.join()}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('for a product that is bought: no other spelling of it buys', async () => {
    await till.grant(buyer, 'CNY', 100);
    const product = await mall.product(merchant, { price: 1, stock: 10 });
    for (const spelling of [
      `0${product}`,
      `00${product}`,
      `+${product}`,
      `${product}.0`,
      `${product}%20`,
      `%20${product}`,
    ]) {
      for (const verb of ['get', 'post'] as const) {
        for (const channel of ['balance', 'coupon']) {
          const call = request(app.url)[verb](`/product/${spelling}/with_${channel}`);
          const { body } = await call.set('Authorization', `Bearer ${buyer.token}`);
          expect([spelling, body.code]).toEqual([spelling, 10005]);
        }
      }
    }
    expect(await mall.stockOf(product)).toBe(10);
    expect(await till.wallet(buyer)).toEqual({ balance: 100, coupon: 0 });
  });
});
