import { beforeEach, describe, expect, it } from '@jest/globals';
import { TestApp } from '../../support/app.js';
import { describeMall } from '../../support/stage.js';
import { createTestDatabase } from '../../support/database.js';
import type { OpenReply, Values } from '../../support/linkv-client.js';
import { accepted, expectCoins, partnerOf } from '../../support/open.js';

const ORDER = '/open/finanv0/orderSuccess';
const CHANGE = '/open/finanv0/changeGold';

describeMall('open: many at once', ({ app }) => {
  const partner = partnerOf(app);
  let uid: string;

  beforeEach(async () => {
    uid = await partner.openId();
  });

  const times = <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => make(index)));
  const statuses = (replies: readonly OpenReply[]) => replies.map((reply) => String(reply.status)).sort();
  const filled = (values: Values = {}): Values =>
    partner.signed({
      uid,
      request_id: partner.requestId(),
      type: 1,
      value: 5,
      expriation: partner.expriation(),
      order_id: `o-${partner.requestId()}`,
      money: 99,
      channel: partner.access.alias,
      platform: 'ios',
      ...values,
    });

  it('fifty identical orders have one effect and equal answers', async () => {
    const same = filled();
    const replies = await times(50, () => partner.send(ORDER, same));
    for (const reply of replies) expect(accepted(reply)).toEqual({ tokens: '5', livemeTokens: '5' });
    await expectCoins(app, partner, uid, 5);
  });

  it('fifty identical debits of everything have one effect and are all answered alike', async () => {
    accepted(await partner.changeGold(uid, 1, 5));
    const same = filled({ type: 2 });
    expect(new Set(statuses(await times(50, () => partner.send(CHANGE, same))))).toEqual(new Set(['200']));
    await expectCoins(app, partner, uid, 0);
  });

  it('one order under twenty request ids is completed once', async () => {
    const replies = await times(20, () => partner.orderSuccess(uid, 1, 5, { order_id: `order-of-${uid}` }));
    expect(statuses(replies)).toEqual(['200', ...Array.from({ length: 19 }, () => '400')]);
    await expectCoins(app, partner, uid, 5);
  });

  it('one request_id with twenty contents has one effect', async () => {
    const request_id = partner.requestId();
    const replies = await times(20, (index) => partner.changeGold(uid, 1, index + 1, { request_id }));
    expect(statuses(replies)).toEqual(['200', ...Array.from({ length: 19 }, () => '400')]);
    await expectCoins(app, partner, uid, replies.findIndex((reply) => reply.status === '200') + 1);
  });

  it('twenty debits of one from ten coins take exactly ten', async () => {
    accepted(await partner.changeGold(uid, 1, 6));
    accepted(await partner.changeGold(uid, 1, 4));
    const replies = await times(20, () => partner.changeGold(uid, 2, 1));
    expect(statuses(replies)).toEqual([
      ...Array.from({ length: 10 }, () => '200'),
      ...Array.from({ length: 10 }, () => '400'),
    ]);
    await expectCoins(app, partner, uid, 0);
  });

  it('a hundred mixed changes of ten users leave what was accepted', async () => {
    const users = await times(10, () => partner.openId());
    const sums = new Map(users.map((user) => [user, 0]));
    await times(100, async (index) => {
      const user = users[index % users.length];
      const adds = index % 3 !== 0;
      const reply = await partner.changeGold(user, adds ? 1 : 2, 3);
      if (reply.status === '200') sums.set(user, sums.get(user)! + (adds ? 3 : -3));
      else expect([adds, reply.status]).toEqual([false, '400']);
    });
    for (const [user, sum] of sums) await expectCoins(app, partner, user, sum);
  });
});

describe('open: after a restart', () => {
  it('a repeated request has no second effect and the same answer', async () => {
    const database = await createTestDatabase();
    try {
      let app = await TestApp.start({ database });
      const before = partnerOf(app);
      const uid = await before.openId();
      const order = { request_id: 'r-1', order_id: 'o-1', expriation: before.expriation() };
      const first = await before.orderSuccess(uid, 1, 500, order);
      const debit = { request_id: 'r-2', expriation: order.expriation };
      accepted(await before.changeGold(uid, 2, 200, debit));
      await app.stop();

      app = await TestApp.start({ database });
      const after = partnerOf(app);
      expect((await after.orderSuccess(uid, 1, 500, order)).text).toBe(first.text);
      accepted(await after.changeGold(uid, 2, 200, debit));
      await expectCoins(app, after, uid, 300);
      expect(await after.openId({ userId: 'someone' })).not.toBe(uid);
      await app.stop();
    } finally {
      await database.drop();
    }
  });
});
