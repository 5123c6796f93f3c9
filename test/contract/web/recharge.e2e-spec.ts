import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { describeMall } from '../../support/stage.js';
import { wrong } from '../../support/refusals.js';
import { EVIL } from '../../support/browsers.js';
import { WEB_ENV, WebClient } from '../../support/web.js';

const ITEM_KEYS = ['id', 'name', 'money', 'description', 'charge', 'create_at', 'update_at'];
const APP_KEYS = ['appid', 'partnerid', 'prepayid', 'package', 'noncestr', 'timestamp', 'sign'];
const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
const MOBILE_APP = 'wx00000000000000ff';

type Data = Record<string, unknown> & { payment_id: string };

describeMall('web: 充值相关', { env: { ...WEB_ENV, WECHAT_MOBILE_APP_ID: MOBILE_APP } }, ({ app, loggedIn }) => {
  const root = loggedIn('root', 7);
  let client: WebClient & { userId: number };
  let item: number;
  let other: number;

  beforeAll(async () => {
    item = await addItem({ name: '充100送10', money: 100, charge: 10, description: '限时优惠' });
    other = await addItem({ name: '充1', money: 1, charge: 0, description: '' });
  });
  beforeEach(async () => {
    client = await WebClient.signUp(app);
  });

  async function addItem(body: object): Promise<number> {
    const reply = await app.post('/api/v1/rechargeItem/add', body, root.token).expect(200);
    return Number(reply.body.data.id);
  }
  /** A payment of `item` by a phone account. */
  async function start(): Promise<Data> {
    const reply = await client.post('/payment_order', { item_id: item });
    expect(reply.body.code).toBe(0);
    return reply.body.data as Data;
  }
  const balance = async () => Number((await client.get('/user')).body.data.balance);
  const entries = async () => (await client.get('/ledgers', { type: 0 })).body.data as Record<string, unknown>[];
  const settled = async () => expect(await app.simulator.control.idle()).toBe(true);

  describe('GET /payment_items and POST /payment_item/{id}', () => {
    it('show the items to everybody, with every documented key, in fen', async () => {
      const nobody = new WebClient(app);
      const { status, body } = await nobody.get('/payment_items');
      expect([status, body.code]).toEqual([200, 0]);
      const [first] = body.data as Record<string, unknown>[];
      expect(Object.keys(first)).toEqual(ITEM_KEYS);
      expect(first).toEqual({
        id: item,
        name: '充100送10',
        money: 10_000,
        description: '限时优惠',
        charge: 1000,
        create_at: expect.stringMatching(TIME),
        update_at: expect.stringMatching(TIME),
      });
      expect((await nobody.post(`/payment_item/${item}`)).body).toEqual({ code: 0, data: first });
    });

    it('only read: money, charge and id of the body change nothing', async () => {
      const before = (await client.get('/payment_items')).body as unknown;
      const reply = await client.post(`/payment_item/${item}`, {
        money: 1,
        charge: 999_999,
        item_id: other,
        id: other,
      });
      expect(reply.body.data).toMatchObject({ id: item, money: 10_000, charge: 1000 });
      expect((await client.get('/payment_items')).body).toEqual(before);
      expect(await entries()).toEqual([]);
    });

    it('answer 10002 for an unknown and for a deleted item, 10005 for no id, 404 to GET', async () => {
      const gone = await addItem({ name: 'x', money: 1, charge: 0, description: '' });
      await app.post('/api/v1/rechargeItem/delete', { id: gone }, root.token).expect(200);
      for (const id of [gone, 999_999]) expect((await client.post(`/payment_item/${id}`)).body.code).toBe(10002);
      for (const id of ['x', '0', '-1', '1.5', '1e2']) {
        expect((await client.post(`/payment_item/${id}`)).body.code).toBe(10005);
      }
      expect((await client.get(`/payment_item/${item}`)).status).toBe(404);
      const ids = ((await client.get('/payment_items')).body.data as { id: number }[]).map(({ id }) => id);
      expect(ids).toEqual([item, other]);
    });
  });

  describe('POST /payment_order', () => {
    it('answers the item and the APP shape, which WeChat’s client accepts, to a user without openid', async () => {
      const data = await start();
      expect(Object.keys(data)).toEqual([...ITEM_KEYS, 'payment_id', ...APP_KEYS]);
      expect(data).toMatchObject({ id: item, money: 10_000, charge: 1000, appid: MOBILE_APP, package: 'Sign=WXPay' });
      expect(data.payment_id).toMatch(/^LM[0-9a-f]{28}$/);
      for (const key of APP_KEYS) expect(typeof data[key]).toBe('string');
      const fields = Object.fromEntries(APP_KEYS.map((key) => [key, data[key]]));
      expect(app.simulator.control.pay({ fields })).toMatchObject({ ok: true, outTradeNo: data.payment_id });
      await settled();
      expect(await balance()).toBe(11_000);
    });

    it('answers a JSAPI prepay beside the APP shape to a mini-program user', async () => {
      const mini = new WebClient(app);
      await mini.get('/account/signin', { code: 'demo-mini-recharge' });
      const data = (await mini.post('/payment_order', { item_id: item })).body.data as Data;
      expect(Object.keys(data)).toEqual([...ITEM_KEYS, 'payment_id', ...APP_KEYS, 'jsapi']);
      expect(data).toMatchObject({
        package: 'Sign=WXPay',
        jsapi: {
          timeStamp: expect.stringMatching(/^\d{10}$/),
          nonceStr: expect.any(String),
          package: `prepay_id=${String(data['prepayid'])}`,
          signType: 'RSA',
          paySign: expect.any(String),
        },
      });
      expect(app.simulator.control.pay({ fields: data['jsapi'] as object })).toMatchObject({ ok: true });
      await settled();
      expect((await mini.get('/user')).body.data.balance).toBe(11_000);
    });

    it('takes item_id from query, form and JSON; one that differs between query and body is 10005', async () => {
      const send = (query: string) =>
        request(app.url).post(`/payment_order${query}`).set('Cookie', `session=${client.cookie}`);
      for (const reply of [
        await send(`?item_id=${item}`),
        await send('').type('form').send({ item_id: item }),
        await send('').send({ item_id: String(item) }),
        await send(`?item_id=${item}`).send({ item_id: item }),
        await send(`?item_id=${item}`).type('form').send({ item_id: item }),
      ]) {
        expect([reply.status, reply.body.code, reply.body.data?.id]).toEqual([200, 0, item]);
      }
      const clash = await send(`?item_id=${item}`).send({ item_id: other });
      expect(clash.body.code).toBe(10005);
      expect((await send(`?item_id=${other}&item_id=${item}`).send({ item_id: item })).body.code).toBe(10005);
    });

    it('takes the amount from the item alone', async () => {
      const reply = await request(app.url)
        .post(`/payment_order?item_id=${item}&money=1`)
        .set('Cookie', `session=${client.cookie}`)
        .send({ money: 1, charge: 1e9, item_id: item });
      const { payment_id } = reply.body.data as Data;
      expect(app.simulator.control.trade(payment_id)?.total).toBe(10_000);
    });

    it('answers 10002 for an unknown item, 10005 for no id, 10003 without a login, 10001 to another site', async () => {
      expect((await client.post('/payment_order', { item_id: 999_999 })).body.code).toBe(10002);
      for (const id of [...wrong.id, undefined]) {
        expect([id, (await client.post('/payment_order', { item_id: id })).body.code]).toEqual([id, 10005]);
      }
      expect((await new WebClient(app).post('/payment_order', { item_id: item })).body.code).toBe(10003);
      expect((await client.post('/payment_order', { item_id: item }, { Origin: EVIL })).body.code).toBe(10001);
    });

    it('moves no money before WeChat has captured it', async () => {
      await start();
      expect(await balance()).toBe(0);
      expect(await entries()).toEqual([]);
    });
  });

  describe('a captured recharge', () => {
    it('credits money and bonus: two lines with the item’s name and id', async () => {
      const { payment_id: outTradeNo } = await start();
      app.simulator.control.pay({ outTradeNo });
      await settled();
      expect(await balance()).toBe(11_000);
      const lines = await entries();
      expect(lines.map(({ money }) => money)).toEqual(expect.arrayContaining([10_000, 1000]));
      expect(lines).toHaveLength(2);
      for (const line of lines) expect(line).toMatchObject({ name: '充100送10', item_id: item, type: '0' });
      const transactions = await app.rows<{ kind: string }>(
        'SELECT DISTINCT t.id, t.kind FROM ledger_transactions t JOIN ledger_entries e ON e.transaction_id = t.id ' +
          'JOIN ledger_accounts a ON a.id = e.account_id WHERE a.address = ?',
        [`user:${client.userId}:balance`],
      );
      expect(transactions.map(({ kind }) => kind)).toEqual(['recharge']);
    });

    it('credits once under 50 parallel notifications', async () => {
      const { payment_id: outTradeNo } = await start();
      app.simulator.control.pay({ outTradeNo });
      await Promise.all(Array.from({ length: 50 }, () => app.simulator.control.sendNotice({ outTradeNo })));
      await settled();
      expect(await balance()).toBe(11_000);
      expect(await entries()).toHaveLength(2);
    });

    it('credits what the item was when the payment was made', async () => {
      const changing = await addItem({ name: 'before', money: 2, charge: 1, description: '' });
      const { payment_id: outTradeNo } = (await client.post('/payment_order', { item_id: changing })).body.data as Data;
      await app
        .post('/api/v1/rechargeItem/modify', { id: changing, name: 'after', money: 3, charge: 2 }, root.token)
        .expect(200);
      app.simulator.control.pay({ outTradeNo });
      await settled();
      expect(await balance()).toBe(300);
      expect((await entries()).map(({ name }) => name)).toEqual(['before', 'before']);
      await app.post('/api/v1/rechargeItem/delete', { id: changing }, root.token).expect(200);
    });

    it('has one line when the item has no bonus', async () => {
      const { payment_id: outTradeNo } = (await client.post('/payment_order', { item_id: other })).body.data as Data;
      app.simulator.control.pay({ outTradeNo });
      await settled();
      expect(await entries()).toMatchObject([{ money: 100, name: '充1', item_id: other }]);
    });
  });
});
