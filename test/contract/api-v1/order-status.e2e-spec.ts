import { beforeAll, expect, it } from '@jest/globals';
import { transitionVerdict } from '../../../src/modules/orders/order-status.js';
import { refused, succeeded } from '../../support/api-v1.js';
import type { TestUser } from '../../support/app.js';
import { statusOf } from '../../support/order-status.js';
import { describeMall } from '../../support/stage.js';
import { itRefuses, wrong } from '../../support/refusals.js';
import { ScriptedPayments } from '../../support/scripted-payments.js';

const PATH = '/api/v1/order/changeStatus';
const STATUSES = [1, 2, 3, 4, 5, 6] as const;
const ASKED = [1, 2, 3, 4] as const;

describeMall('订单 API: POST order/changeStatus', ({ app, mall, loggedIn }) => {
  const merchant = loggedIn('m1', 3);
  let product: number;
  const people = {} as Record<'buyer' | 'merchant' | 'root' | 'stranger' | 'rival', TestUser>;

  beforeAll(async () => {
    people.merchant = merchant;
    people.rival = await app.login('m2', 3);
    people.root = await app.login('root', 7);
    people.buyer = await app.login('buyer');
    people.stranger = await app.login('stranger');
    product = await mall.product(merchant, { stock: 100_000 });
  });

  async function orderAt(status: (typeof STATUSES)[number], channel?: 'wechat' | 'offline'): Promise<number> {
    const [id] = await mall.order(people.buyer, [product]);
    await mall.bring(id, status, channel);
    return id;
  }
  const change = (user: TestUser, body: object) => app.post(PATH, body, user.token);

  const cases = STATUSES.flatMap((from) =>
    ASKED.flatMap((to) => (['buyer', 'merchant', 'root'] as const).map((who) => ({ from, to, who }))),
  );
  it.each(cases)('from $from to $to by the $who goes by the state machine', async ({ from, to, who }) => {
    const id = await orderAt(from);
    const before = await mall.historyOf(id);
    const reply = await change(people[who], { order_id: id, status: to });
    const verdict = transitionVerdict(statusOf(from), statusOf(to), who);
    if (verdict === 'allowed' || verdict === 'present') expect(succeeded(reply)).toEqual({});
    if (verdict === 'forbidden') refused(reply, 403);
    if (verdict === 'impossible') refused(reply, 409);
    const moved = verdict === 'allowed';
    expect((await mall.orderInfo(people.root, id)).now_status).toBe(moved ? to : from);
    const added = moved ? [`${from}>${to} ${who} ${people[who].id}`] : [];
    expect(await mall.historyOf(id)).toEqual([...before, ...added]);
  });

  it.each(STATUSES)(
    'is 404 for strangers and other merchants, whatever they ask of an order in status %i',
    async (from) => {
      const id = await orderAt(from);
      for (const status of ASKED) {
        for (const user of [people.stranger, people.rival]) {
          refused(await change(user, { order_id: id, status }), 404, 'order not found');
        }
      }
      expect((await mall.orderInfo(people.root, id)).now_status).toBe(from);
    },
  );

  it('takes a merchant who buys from himself as the buyer', async () => {
    const [id] = await mall.order(merchant, [product]);
    refused(await change(merchant, { order_id: id, status: 2 }), 403);
    await mall.bring(id, 2);
    succeeded(await change(merchant, { order_id: id, status: 3, shop_message: 'ignored' }));
    expect(await mall.orderInfo(merchant, id)).toMatchObject({ now_status: 3, shop_message: '' });
  });

  it('books money received outside as offline, at the time given', async () => {
    const id = await orderAt(1);
    const body = { order_id: id, status: 2, pay_time: 1531292871, shop_message: '商户退单' };
    succeeded(await change(merchant, body));
    expect(await mall.orderInfo(merchant, id)).toMatchObject({
      now_status: 2,
      pay_time: 1531292871,
      verify_time: 0,
      shop_message: '商户退单',
    });
    const [row] = await app.rows<{ channel: string }>('SELECT channel FROM orders WHERE id = ?', [id]);
    expect(row.channel).toBe('offline');
  });

  it('sets the times to now on entry when none is given', async () => {
    const id = await orderAt(1);
    succeeded(await change(merchant, { order_id: id, status: 2, pay_time: 0 }));
    succeeded(await change(merchant, { order_id: id, status: 3 }));
    const { pay_time: paid, verify_time: verified } = await mall.orderInfo(merchant, id);
    for (const time of [paid, verified]) expect(Math.abs(time - Date.now() / 1000)).toBeLessThan(60);
  });

  it('changes only the given optional fields when asked for the present status', async () => {
    const id = await orderAt(3, 'offline');
    const before = await mall.orderInfo(merchant, id);
    succeeded(await change(merchant, { order_id: id, status: 3, shop_message: '已发货' }));
    expect(await mall.orderInfo(merchant, id)).toEqual({ ...before, shop_message: '已发货' });
    succeeded(await change(merchant, { order_id: id, status: '3', verify_time: 1531292872, pay_time: '1531292871' }));
    expect(await mall.orderInfo(merchant, id)).toEqual({
      ...before,
      shop_message: '已发货',
      pay_time: 1531292871,
      verify_time: 1531292872,
    });
    expect(await mall.historyOf(id)).toHaveLength(2);
  });

  it('keeps the pay time of an order that was paid online', async () => {
    const id = await orderAt(2);
    const { pay_time: paid } = await mall.orderInfo(merchant, id);
    succeeded(await change(merchant, { order_id: id, status: 2, pay_time: 1531292871 }));
    expect((await mall.orderInfo(merchant, id)).pay_time).toBe(paid);
  });

  it("ignores a buyer's optional fields", async () => {
    const id = await orderAt(2, 'offline');
    const before = await mall.orderInfo(people.buyer, id);
    const extras = { pay_time: 1, verify_time: 1, shop_message: '假的' };
    succeeded(await change(people.buyer, { order_id: id, status: 2, ...extras }));
    expect(await mall.orderInfo(people.buyer, id)).toEqual(before);
    succeeded(await change(people.buyer, { order_id: id, status: 3, ...extras }));
    const { verify_time: verified, ...after } = await mall.orderInfo(people.buyer, id);
    expect(after).toMatchObject({ shop_message: '', pay_time: before.pay_time, now_status: 3 });
    expect(verified).toBeGreaterThan(1_600_000_000);
  });

  it("changes one merchant's part of a checkout and not the other's", async () => {
    const ids = await mall.order(people.buyer, [product, await mall.product(people.rival)]);
    succeeded(await change(merchant, { order_id: ids[0], status: 2 }));
    expect((await mall.orderInfo(people.buyer, ids[1])).now_status).toBe(1);
  });

  it('says the statuses of an impossible change in the numbers of this wire', async () => {
    const id = await orderAt(1);
    refused(await change(merchant, { order_id: id, status: 4 }), 409, 'the order cannot go from status 1 to 4');
    await mall.bring(id, 5);
    refused(await change(merchant, { order_id: id, status: 2 }), 409, 'the order cannot go from status 5 to 2');
  });

  it('moves an order once when many ask at once', async () => {
    const id = await orderAt(2);
    const replies = await Promise.all(
      [people.buyer, merchant, people.root, people.buyer, merchant].map((user) =>
        change(user, { order_id: id, status: 3 }),
      ),
    );
    for (const reply of replies) succeeded(reply);
    expect((await mall.historyOf(id)).filter((line) => line.startsWith('2>3'))).toHaveLength(1);
  });

  it('asks for open payments before it books money received outside, and never books it twice', async () => {
    const answers = ScriptedPayments.in(app);
    const id = await orderAt(1);
    answers.open = true;
    refused(await change(merchant, { order_id: id, status: 2 }), 409);
    expect((await mall.orderInfo(merchant, id)).now_status).toBe(1);
    answers.open = false;
    answers.meanwhile = () => mall.bring(id, 2);
    succeeded(await change(merchant, { order_id: id, status: 2, pay_time: 1531292871 }));
    expect(await mall.historyOf(id)).toEqual(['1>2 system']);
    expect((await mall.orderInfo(merchant, id)).pay_time).not.toBe(1531292871);
    expect(answers.asked).toEqual([[id], [id]]);
    const another = await orderAt(1);
    refused(await change(people.buyer, { order_id: another, status: 2 }), 403);
    expect(answers.asked).toHaveLength(2);
  });

  itRefuses(() => app, {
    method: 'POST',
    path: PATH,
    token: () => merchant.token,
    parameters: () => ({ order_id: 1, status: 2 }),
    fields: {
      order_id: { required: true, values: wrong.id },
      status: { required: true, values: [...wrong.integer(1, 4), 6] },
      pay_time: { values: wrong.integer(0, 253_402_300_799) },
      verify_time: { values: wrong.integer(0, 253_402_300_799) },
      shop_message: { values: wrong.text(0, 500) },
    },
  });
});
