import { beforeAll, expect, it } from '@jest/globals';
import request from 'supertest';
import { refused, succeeded } from '../support/api-v1.js';
import { describeMall } from '../support/stage.js';

const HOME = { name: 'n', address: 'a', phoneNumber: '1' };
const ADD = '/api/v1/address/addAddress';

describeMall('how parameters are read', ({ app }) => {
  let token: string;

  beforeAll(async () => {
    ({ token } = await app.login('reader', 3));
  });

  const rawPost = (path: string, body: string, type = 'application/json') =>
    request(app.url).post(path).set('Authorization', `Bearer ${token}`).set('Content-Type', type).send(body);
  const added = async (): Promise<object> => {
    const list = succeeded(await app.get('/api/v1/address/address', {}, token))['address'] as { addressId: number }[];
    const last = list.at(-1)!;
    await app.post('/api/v1/address/deleteAddress', { addressId: last.addressId }, token).expect(200);
    return last;
  };

  it('the body wins for POST, the query for GET', async () => {
    succeeded(await app.post(ADD, { name: 'body' }, token).query({ ...HOME, name: 'query' }));
    expect(await added()).toMatchObject({ ...HOME, name: 'body' });
    const both = app.get('/api/v1/shop/product', { id: 999_999 }).send({ id: 'x' });
    refused(await both, 404);
  });

  it('a parameter given twice is a list, which no scalar field takes', async () => {
    refused(await rawPost(`${ADD}?name=a&name=b`, JSON.stringify({ address: 'a', phoneNumber: '1' })), 400);
    refused(await rawPost(ADD, 'name=a&name=b&address=a&phoneNumber=1', 'application/x-www-form-urlencoded'), 400);
    refused(await rawPost('/api/v1/cart/getCart', 'product_ids=1', 'application/x-www-form-urlencoded'), 400);
    succeeded(
      await rawPost('/api/v1/cart/getCart', 'product_ids=1&product_ids=2', 'application/x-www-form-urlencoded'),
    );
  });

  it('brackets and dots in names mean nothing', async () => {
    refused(await rawPost(ADD, 'name[a]=x&address=a&phoneNumber=1', 'application/x-www-form-urlencoded'), 400);
    refused(await app.get('/api/v1/shop/product?id[$ne]=1'), 400);
    refused(await app.get('/api/v1/shop/product?id.x=1'), 400);
  });

  it('the last of duplicate JSON keys is both judged and used', async () => {
    succeeded(await rawPost(ADD, '{"name":"\\u0000","name":"last","address":"a","phoneNumber":"1"}'));
    expect(await added()).toMatchObject({ name: 'last' });
    refused(await rawPost(ADD, '{"name":"good","name":"\\u0000","address":"a","phoneNumber":"1"}'), 400);
  });

  it('NUL and lone surrogates are refused in body, form and query', async () => {
    for (const name of ['a\\u0000b', '\\ud83d', '\\udc16\\ud83d']) {
      refused(await rawPost(ADD, `{"name":"${name}","address":"a","phoneNumber":"1"}`), 400);
    }
    refused(await rawPost(ADD, 'name=%00&address=a&phoneNumber=1', 'application/x-www-form-urlencoded'), 400);
    refused(await app.post(`${ADD}?name=%00`, { address: 'a', phoneNumber: '1' }, token), 400);
    refused(await app.get('/api/v1/user/code?code=demo-%00'), 400);
  });

  it('keys that would change prototypes are ordinary unknown keys', async () => {
    const evil = ['"__proto__":{"polluted":1,"name":"evil"}', '"constructor":{"prototype":{"polluted":1}}'];
    for (const key of evil) {
      refused(await rawPost(ADD, `{${key},"address":"a","phoneNumber":"1"}`), 400);
      succeeded(await rawPost(ADD, `{${key},"name":"n","address":"a","phoneNumber":"1"}`));
      expect(await added()).toMatchObject(HOME);
    }
    succeeded(await app.post(`${ADD}?__proto__=x&constructor=y&hasOwnProperty=z&toString=1`, HOME, token));
    expect(await added()).toMatchObject(HOME);
    refused(await rawPost('/api/v1/comment/add', '{"comments":[{"__proto__":{"product_id":1,"comment":"x"}}]}'), 400);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    for (const inherited of ['toString', '__proto__', 'constructor']) {
      refused(await app.get('/api/v1/shop/product', { [inherited]: 1 }), 400);
    }
  });

  it('numbers may be decimal text and nothing else that JavaScript takes for a number', async () => {
    const ask = (id: string) => rawPost('/api/v1/cart/addProduct', `{"productId":${id}}`);
    for (const id of ['999999', '"999999"', '999999.0', '9.99999e5']) refused(await ask(id), 404);
    const odd = ['1e400', '1e2000', '-0', '"0x10"', '"1e2"', '"+5"', '" 5"', '"5 "', '"٥"', '"1_0"', '[5]', '"NaN"'];
    for (const id of [...odd, '9'.repeat(10_000), `"${'9'.repeat(10_000)}"`, 'true', '"5abc"']) {
      refused(await ask(id), 400);
    }
    refused(await rawPost('/api/v1/cart/addProduct', '{"productId":NaN}'), 400);
  });

  it('an id is a number or its canonical decimal text, other numbers may have zeros in front', async () => {
    const info = 'productId must be an id';
    for (const id of ['"028"', '"+1"', '"1.0"', '"00"', '"0"', '"-1"', '" 1"', '"1e3"']) {
      refused(await rawPost('/api/v1/cart/addProduct', `{"productId":${id}}`), 400, info);
      refused(await app.get(`/api/v1/shop/product?id=${encodeURIComponent(id.slice(1, -1))}`), 400, 'id must be an id');
    }
    refused(await rawPost('/api/v1/cart/getCart', '{"product_ids":[1,"02"]}'), 400);
    refused(await rawPost('/api/v1/cart/modifyProduct', '{"productId":999999,"modifyCount":"028"}'), 404);
    expect((await request(app.url).get('/product/028')).body).toMatchObject({ code: 10005 });
  });

  it('a refusal names every wrong field, inherited ones first, and the place of a nested one', async () => {
    const home = { name: 'n'.repeat(65), phoneNumber: 1 };
    refused(
      await app.post('/api/v1/address/modifyAddress', home, token),
      400,
      'name must be text of at most 64 characters; address is required; phoneNumber must be text of at most 32 characters; addressId is required',
    );
    const comments = [{ product_id: 1, comment: 'x' }, { product_id: 'x' }];
    refused(
      await app.post('/api/v1/comment/add', { comments }, token),
      400,
      'comments.1.product_id must be an id; comments.1.comment is required',
    );
    const user = await app.post('/liveuser/User/Set', { user: { avatar: 'javascript:x' } }, token);
    expect(user.body).toMatchObject({
      code: 400,
      detail: 'user.avatar must be an http(s) address of at most 1024 characters',
    });
  });

  it('deep parameters under an Idempotency-Key are refused, not a failure', async () => {
    for (const deep of ['['.repeat(50_000) + ']'.repeat(50_000), '{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000)]) {
      const reply = await rawPost('/api/v1/order/generateOrder', `{"x":${deep}}`).set('Idempotency-Key', 'deep');
      refused(reply, 400);
    }
  });

  it('SQL in every text is text', async () => {
    for (const text of [
      "'",
      "' OR '1'='1",
      "x'; DROP TABLE addresses; -- ",
      '" UNION SELECT * FROM users --',
      '\\',
      '%_',
    ]) {
      succeeded(await app.post(ADD, { name: text, address: text, phoneNumber: text.slice(0, 32) }, token));
      expect(await added()).toMatchObject({ name: text, address: text });
      succeeded(await app.post('/api/v1/search', { key: text }));
      refused(await app.get('/api/v1/user/profile', {}, encodeURIComponent(text)), 401, 'invalid token');
    }
  });

  it('sorting, filtering and field lists that nobody offers are ignored', async () => {
    const extra = { sort: 'price', order: 'id; --', orderBy: '1', fields: '*', where: '1=1', limit: -1 };
    succeeded(await app.get('/api/v1/product/tabList', extra));
    succeeded(await app.post('/api/v1/search', { key: 'x', ...extra }));
  });

  it('files of the installation are no routes', async () => {
    for (const path of ['/.env', '/.git/HEAD', '/package.json', '/../package.json', '/data/jwt-secret', '/callback']) {
      expect((await request(app.url).get(path)).status).toBe(404);
    }
    for (const method of ['trace', 'options'] as const) {
      const reply = await request(app.url)[method]('/api/v1/user/profile');
      expect([200, 404, 405]).toContain(reply.status);
      expect(reply.text).not.toContain('success":true');
    }
  });
});
