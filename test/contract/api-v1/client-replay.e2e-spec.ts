import { expect, it } from '@jest/globals';
import { succeeded } from '../../support/api-v1.js';
import { describeMall } from '../../support/stage.js';

type Json = Record<string, unknown>;

/**
 * What a published mini-program client sends, in its order: GET parameters in the query, POST as JSON, only `success` and
 * the documented fields looked at. One step needs the one before.
 */
describeMall('the published mini-program client', ({ app, loggedIn }) => {
  const merchant = loggedIn('shop', 7);
  let token = '';
  let products: number[];
  let orderId: number;

  const get = async (path: string, query: Json = {}, as = token): Promise<Json> =>
    succeeded(await app.get(`/api/v1/${path}`, query, as));
  const post = async (path: string, body: Json, as = token): Promise<Json> =>
    succeeded(await app.post(`/api/v1/${path}`, body, as));

  it('lets the merchant add, list, update with the whole object back, drop and put', async () => {
    const example = {
      price: 233,
      title: '没过期猪小排100g',
      description: '过期的猪小排。',
      detail: '新鲜的',
      stock: 32,
    };
    const ids: number[] = [];
    for (const title of ['没过期猪小排100g', '鸡小排100g']) {
      ids.push((await post('shop/addProduct', { ...example, title }, merchant.token))['id'] as number);
    }
    products = ids;
    const owned = (await get('shop/ownerProducts', { from: 0, length: 100 }, merchant.token))['Products'] as Json[];
    expect(owned.map((product) => product['id'])).toEqual(ids.toReversed());
    await post('shop/updateProduct', { ...owned[0], price: 333.3 }, merchant.token);
    expect(await get('shop/product', { id: ids[1] })).toEqual({ ...owned[0], price: 333.3 });
    await post('shop/dropProduct', { id: ids[1] }, merchant.token);
    expect(await get('shop/product', { id: ids[1] })).toMatchObject({ isDrop: true });
    await post('shop/putProduct', { id: ids[1] }, merchant.token);
    const { tabId } = await post('product/tabAdd', { name: '肉', products: ids }, merchant.token);
    expect(tabId).toEqual(expect.any(Number));
    await post('product/modifyHomeTab', { products: ids }, merchant.token);
  });

  it('logs in and reads its profile', async () => {
    const login = { code: 'demo-client', nickName: 'FlyInTheSky', avatarUrl: 'http://xxx/' };
    token = (await get('user/code', login, 'undefined'))['token'] as string;
    expect(await get('user/profile')).toMatchObject({
      nickName: 'FlyInTheSky',
      avatarUrl: 'http://xxx/',
      phoneNumber: '',
      permission: 1,
    });
  });

  it('browses the home page, the tabs, a search and a product', async () => {
    const home = (await get('product/homeTab', { from: 0, length: 10 }))['products'] as Json[];
    expect(home.map((product) => product['id'])).toEqual(products);
    const [tab] = (await get('product/tabList'))['tabs'] as Json[];
    const shown = (await get('product/tabProducts', { tabId: tab['tabId'] }))['products'] as Json[];
    for (const product of shown) {
      expect(await get('cart/inCart', { productId: product['id'] })).toEqual({ inCart: false, count: 0 });
    }
    const found = (await post('search', { key: '鸡' }))['Products'] as Json[];
    expect(found.map((product) => product['id'])).toEqual([products[1]]);
    expect(await get('shop/product', { id: products[1] })).toMatchObject({ price: 333.3, isDrop: false, stock: 32 });
    expect(await get('comment/product', { product_id: products[1] })).toEqual({ comments: [] });
  });

  it('keeps an address', async () => {
    const address = { name: 'hhh', address: '广东省深圳市南山区', phoneNumber: '18089876534' };
    await post('address/addAddress', address);
    expect((await get('address/address'))['address']).toEqual([{ addressId: expect.any(Number), ...address }]);
  });

  it('fills its cart', async () => {
    const [pork, chicken] = products;
    expect(await post('cart/addProduct', { productId: chicken })).toEqual({ count: 1 });
    expect(await post('cart/addProduct', { productId: chicken })).toEqual({ count: 2 });
    await post('cart/addProduct', { productId: pork });
    const lines = (await get('cart/userProducts', { from: 0, length: 50 }))['Products'] as Json[];
    expect(lines.map(({ id, count }) => [id, count])).toEqual([
      [chicken, 2],
      [pork, 1],
    ]);
    expect(await post('cart/reduceProduct', { productId: chicken })).toEqual({ count: 1 });
    expect(await post('cart/modifyProduct', { productId: pork, modifyCount: 0 })).toEqual({ count: 0 });
  });

  it('checks out and looks at its order', async () => {
    const chosen = (await post('cart/getCart', { product_ids: [products[1]] }))['products'] as Json[];
    expect(chosen).toHaveLength(1);
    const placed = await post('order/generateOrder', {
      product_ids: chosen.map((line) => line['id']),
      transportation_price: 5,
      name: 'hhh',
      phone_number: '18089876534',
      address: '广东省深圳市南山区',
      message: '快点发货',
    });
    [orderId] = placed['order_id'] as number[];
    expect(await get('order/orderInfo', { order_id: orderId })).toMatchObject({ now_status: 1, total_price: 338.3 });
  });

  it('gets its goods: the merchant takes the money and sends them', async () => {
    const waiting = (await get('order/shopOrder', { status: 1 }, merchant.token))['orders'] as Json[];
    expect(waiting.map((order) => order['order_id'])).toEqual([orderId]);
    await post('order/changeStatus', { order_id: orderId, status: 2 }, merchant.token);
    const sent = { order_id: orderId, tracking_number: ['75844515448966'] };
    expect(await post('order/addTrackingNumber', sent, merchant.token)).toEqual({});
    const [coming] = (await get('order/userOrder', { from: 0, length: 50, status: 2 }))['orders'] as Json[];
    expect(coming).toMatchObject({ order_id: orderId, tracking_number: ['75844515448966'] });
  });

  it('confirms receipt, says nothing in its review, completes and deletes the order', async () => {
    await post('order/changeStatus', { order_id: orderId, status: 3 });
    await post('comment/add', { comments: [{ product_id: products[1], comment: '' }] });
    await post('order/changeStatus', { order_id: orderId, status: 4 });
    await post('order/deleteOrder', { order_id: orderId });
    expect(await get('order/userOrder', { from: 0, length: 50 })).toEqual({ orders: [] });
    expect(await get('shop/product', { id: products[1] })).toMatchObject({ stock: 31 });
  });
});
