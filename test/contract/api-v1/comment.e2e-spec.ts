import { beforeEach, describe, expect, it } from '@jest/globals';
import { refused, succeeded } from '../../support/api-v1.js';
import { type TestUser } from '../../support/app.js';
import { describeMall } from '../../support/stage.js';
import { itRefuses, wrong } from '../../support/refusals.js';
import { readsOf } from '../../support/statements.js';

interface CommentJson {
  readonly comment_id: number;
  readonly user_id: number;
  readonly comment: string;
}

const OPEN = { env: { REVIEWS_REQUIRE_PURCHASE: 'false' } };
let logins = 0;

describeMall('评价 API', ({ app, mall, loggedIn }) => {
  const merchant = loggedIn('m1', 3);
  const rival = loggedIn('m2', 3);
  const root = loggedIn('root', 4);
  let buyer: TestUser;
  let pork: number;
  let beef: number;

  beforeEach(async () => {
    buyer = await app.login(`buyer-${(logins += 1)}`);
    [pork, beef] = [await mall.product(merchant), await mall.product(merchant)];
  });

  async function received(products: number[], status: 3 | 4 = 3, user = buyer): Promise<number> {
    const [id] = await mall.order(user, products);
    await mall.bring(id, status);
    return id;
  }
  const add = (comments: unknown, user = buyer) => app.post('/api/v1/comment/add', { comments }, user.token);
  const remove = (user: TestUser, id: number) => app.post('/api/v1/comment/delete', { comment_id: id }, user.token);
  const commentsOn = async (product: number, page: object = {}): Promise<CommentJson[]> =>
    succeeded(await app.get('/api/v1/comment/product', { product_id: product, ...page }))['comments'] as CommentJson[];
  const textsOn = async (product: number): Promise<string[]> => (await commentsOn(product)).map((each) => each.comment);
  const openLines = async (orderId: number): Promise<number> =>
    (await app.rows('SELECT id FROM order_items WHERE order_id = ? AND reviewed = 0', [orderId])).length;

  describe('POST comment/add', () => {
    it("takes the document's reviews and completes the order, because all its lines are reviewed", async () => {
      const id = await received([pork, beef]);
      const reply = await add([
        { product_id: pork, comment: '很香很甜' },
        { product_id: String(beef), comment: '很好' },
      ]);
      expect(succeeded(reply)).toEqual({});
      expect(await textsOn(pork)).toEqual(['很香很甜']);
      expect(await textsOn(beef)).toEqual(['很好']);
      expect((await mall.orderInfo(buyer, id)).now_status).toBe(4);
      expect((await mall.historyOf(id)).at(-1)).toBe(`3>4 buyer ${buyer.id}`);
    });

    it('leaves the order awaiting review while a line is open', async () => {
      const id = await received([pork, beef]);
      succeeded(await add([{ product_id: pork, comment: '好' }]));
      expect((await mall.orderInfo(buyer, id)).now_status).toBe(3);
      succeeded(await add([{ product_id: beef, comment: '好' }]));
      expect((await mall.orderInfo(buyer, id)).now_status).toBe(4);
    });

    it('takes reviews of a completed order too', async () => {
      await received([pork], 4);
      succeeded(await add([{ product_id: pork, comment: '好' }]));
      refused(await add([{ product_id: pork, comment: '好' }]), 409);
    });

    it('is once per order line, the oldest open one first', async () => {
      const [first, second] = [await received([pork]), await received([pork])];
      succeeded(await add([{ product_id: pork, comment: '一' }]));
      expect([await openLines(first), await openLines(second)]).toEqual([0, 1]);
      expect((await mall.orderInfo(buyer, second)).now_status).toBe(3);
      succeeded(await add([{ product_id: pork, comment: '二' }]));
      refused(await add([{ product_id: pork, comment: '三' }]), 409);
      expect(await textsOn(pork)).toEqual(['二', '一']);
    });

    it('takes two reviews of a product in one request for two lines, not for one', async () => {
      const two = [
        { product_id: pork, comment: '一' },
        { product_id: pork, comment: '二' },
      ];
      await received([pork]);
      refused(await add(two), 409);
      await received([pork]);
      succeeded(await add(two));
      expect(await textsOn(pork)).toEqual(['二', '一']);
    });

    it('is all or nothing', async () => {
      const id = await received([pork]);
      const both = [
        { product_id: pork, comment: '好' },
        { product_id: beef, comment: '没买过' },
      ];
      refused(await add(both), 409);
      expect([await textsOn(pork), await textsOn(beef)]).toEqual([[], []]);
      expect(await openLines(id)).toBe(1);
      expect((await mall.orderInfo(buyer, id)).now_status).toBe(3);
    });

    it.each([1, 2, 5, 6] as const)('is 409 for an order in status %i', async (status) => {
      const [id] = await mall.order(buyer, [pork]);
      await mall.bring(id, status);
      refused(await add([{ product_id: pork, comment: '好' }]), 409);
      expect(await textsOn(pork)).toEqual([]);
    });

    it("is 409 for a product that only somebody else bought, and for one that doesn't exist", async () => {
      await received([pork], 3, await app.login('somebody-else'));
      refused(await add([{ product_id: pork, comment: '好' }]), 409);
      refused(await add([{ product_id: 999_999_999, comment: '好' }]), 409);
    });

    it('drops empty reviews silently, and an empty list is a success', async () => {
      const id = await received([pork]);
      succeeded(await add([]));
      succeeded(await add([{ product_id: pork, comment: '' }]));
      succeeded(await add([{ product_id: 999_999_999, comment: '' }]));
      expect(await textsOn(pork)).toEqual([]);
      expect(await openLines(id)).toBe(1);
    });

    it('keeps 500 characters as they are, and refuses 501', async () => {
      const text = ' <b>"\'--%_</b>🐷'.padEnd(501, '好');
      await received([pork]);
      expect(Array.from(text)).toHaveLength(500);
      refused(await add([{ product_id: pork, comment: `${text}好` }]), 400);
      succeeded(await add([{ product_id: pork, comment: text }]));
      expect(await textsOn(pork)).toEqual([text]);
    });

    it('uses each line once when many requests come at once', async () => {
      const ids = [await received([pork]), await received([pork]), await received([pork])];
      const replies = await Promise.all(Array.from({ length: 12 }, () => add([{ product_id: pork, comment: '抢' }])));
      expect(replies.filter((reply) => reply.status === 200)).toHaveLength(3);
      for (const reply of replies) if (reply.status !== 200) refused(reply, 409);
      expect(await textsOn(pork)).toHaveLength(3);
      for (const id of ids) {
        expect((await mall.orderInfo(buyer, id)).now_status).toBe(4);
        expect((await mall.historyOf(id)).filter((line) => line.startsWith('3>4'))).toHaveLength(1);
      }
    });

    const good = { product_id: 1, comment: '好' };
    itRefuses(() => app, {
      method: 'POST',
      path: '/api/v1/comment/add',
      token: () => buyer.token,
      parameters: () => ({ comments: [] }),
      fields: {
        comments: {
          required: true,
          values: [
            '',
            'a',
            1,
            null,
            {},
            [null],
            [1],
            ['a'],
            [[]],
            [{}],
            [good, {}],
            [{ comment: '好' }],
            [{ product_id: 1 }],
            ...wrong.id.map((product_id) => [{ ...good, product_id }]),
            ...wrong.text(0, 500).map((comment) => [{ ...good, comment }]),
            Array.from({ length: 101 }, () => good),
          ],
        },
      },
    });
  });

  describe('GET comment/product', () => {
    it('answers who wrote what, newest first, with the id that comment/delete takes', async () => {
      const other = await app.login('somebody-else');
      await received([pork]);
      await received([pork], 3, other);
      succeeded(await add([{ product_id: pork, comment: '你好' }]));
      succeeded(await add([{ product_id: pork, comment: '哈哈' }], other));
      expect(await commentsOn(pork)).toEqual([
        { user_id: other.id, comment: '哈哈', comment_id: expect.any(Number) },
        { user_id: buyer.id, comment: '你好', comment_id: expect.any(Number) },
      ]);
    });

    it('is an empty list for a product without reviews', async () => {
      expect(await commentsOn(pork)).toEqual([]);
    });

    it('is paged, and costs one statement', async () => {
      for (const text of ['一', '二', '三']) {
        await received([pork]);
        succeeded(await add([{ product_id: pork, comment: text }]));
      }
      const page = await commentsOn(pork, { from: '1', length: 1 });
      expect(page.map((each) => each.comment)).toEqual(['二']);
      expect(await commentsOn(pork, { from: 3 })).toEqual([]);
      expect(await readsOf(app, () => commentsOn(pork))).toHaveLength(1);
    });

    itRefuses(() => app, {
      method: 'GET',
      path: '/api/v1/comment/product',
      token: null,
      parameters: () => ({ product_id: pork }),
      fields: {
        product_id: { required: true, values: wrong.id },
        from: { values: wrong.from },
        length: { values: wrong.length },
      },
    });
  });

  describe('POST comment/delete', () => {
    async function comment(): Promise<number> {
      await received([pork]);
      succeeded(await add([{ product_id: pork, comment: '哈哈' }]));
      return (await commentsOn(pork))[0].comment_id;
    }

    it("is for its author, the product's merchant and root", async () => {
      for (const user of [buyer, merchant, root]) {
        const id = await comment();
        expect(succeeded(await remove(user, id))).toEqual({});
        expect(await commentsOn(pork)).toEqual([]);
        refused(await remove(user, id), 404, 'comment not found');
      }
    });

    it('is the same 404 for everybody else as for a comment that does not exist', async () => {
      const id = await comment();
      for (const user of [rival, await app.login('stranger')]) {
        refused(await remove(user, id), 404, 'comment not found');
        refused(await remove(user, 999_999_999), 404, 'comment not found');
      }
      expect(await textsOn(pork)).toEqual(['哈哈']);
    });

    it('opens the order line for no second review', async () => {
      succeeded(await remove(buyer, await comment()));
      refused(await add([{ product_id: pork, comment: '再来' }]), 409);
    });

    itRefuses(() => app, {
      method: 'POST',
      path: '/api/v1/comment/delete',
      token: () => buyer.token,
      parameters: () => ({ comment_id: 1 }),
      fields: { comment_id: { required: true, values: wrong.id } },
    });
  });

  describeMall('with REVIEWS_REQUIRE_PURCHASE=false', OPEN, ({ app: open, mall: shelves }) => {
    it('takes a review of every product that exists, and still completes an order', async () => {
      const [owner, anybody] = [await open.login('owner', 3), await open.login('anybody')];
      const product = await shelves.product(owner);
      const [id] = await shelves.order(anybody, [product]);
      await shelves.bring(id, 3);
      const review = (productId: number) =>
        open.post('/api/v1/comment/add', { comments: [{ product_id: productId, comment: '好' }] }, anybody.token);
      succeeded(await review(product));
      expect((await shelves.orderInfo(anybody, id)).now_status).toBe(4);
      succeeded(await review(product));
      refused(await review(999_999_999), 404, 'product not found');
      const reply = await open.get('/api/v1/comment/product', { product_id: product });
      expect(succeeded(reply)['comments']).toHaveLength(2);
    });
  });
});
