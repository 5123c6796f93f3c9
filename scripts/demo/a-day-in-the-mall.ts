import { merchantOf, RECIPIENT, type Order, type Product } from './cast.js';
import type { Mall } from './mall.js';
import { chapter, proves, step } from './story.js';

/** The sequence that a published mini-program client sends, and its merchant's answer. */
export async function aDayInTheMall(mall: Mall): Promise<void> {
  chapter("A buyer's and a merchant's day (api-v1)");
  const token = await step('A buyer logs in with a wx.login() code and is known', async () => {
    const query = { code: 'demo-buyer', nickName: 'FlyInTheSky', avatarUrl: 'http://xxx/' };
    const login = await mall.data<{ token: string }>('GET', 'user/code', query);
    const profile = await mall.data<{ nickName: string; permission: number }>('GET', 'user/profile', {}, login.token);
    proves('the profile', [profile.nickName, profile.permission], ['FlyInTheSky', 1]);
    return login.token;
  });
  const products = await step('He sees the home page, the tabs and what is in them', () => browse(mall, token));
  const [first, second] = await step('He searches, reads one product and finds another merchant’s', async () => {
    const found = await mall.data<{ Products: Product[] }>('POST', 'search', { key: products[0].title.slice(0, 1) });
    proves('the search', found.Products.length > 0, true);
    const other = products.find(({ ownerUserId }) => ownerUserId !== products[0].ownerUserId);
    const detail = await mall.data<Product>('GET', 'shop/product', { id: products[0].id });
    await mall.data('GET', 'comment/product', { product_id: products[0].id });
    proves('the detail', detail.title, products[0].title);
    return [detail, other!] as const;
  });
  await step('His cart counts up, down and away', () => useCart(mall, token, first.id, second.id));
  const orders = await step('One checkout over two merchants makes one order each, or none at all', async () => {
    const body = { product_ids: [first.id, second.id], transportation_price: 5, ...RECIPIENT };
    const { order_id } = await mall.data<{ order_id: number[] }>('POST', 'order/generateOrder', body, token);
    proves('two orders', order_id.length, 2);
    const order = await mall.data<Order>('GET', 'order/orderInfo', { order_id: order_id[0] }, token);
    proves('the total', Math.round(order.total_price * 100), Math.round(first.price * 100) + 500);
    const left = await mall.data<Product>('GET', 'shop/product', { id: first.id });
    proves('the stock', left.stock, first.stock - 1);
    return order_id;
  });
  await step('A buyer cannot mark his own order as paid', async () => {
    const body = { order_id: orders[0], status: 2 };
    const reply = await mall.post('/api/v1/order/changeStatus', { body, token });
    proves('the refusal', reply.status, 403);
  });
  await ship(mall, first, orders[0]);
  await receive(mall, token, first, orders[0]);
  await keepShop(mall);
}

async function browse(mall: Mall, token: string): Promise<Product[]> {
  const home = await mall.data<{ products: Product[] }>('GET', 'product/homeTab', { from: 0, length: 10 });
  const { tabs } = await mall.data<{ tabs: { tabId: number }[] }>('GET', 'product/tabList');
  const inTab = await mall.data<{ products: Product[] }>('GET', 'product/tabProducts', { tabId: tabs[0].tabId });
  proves(
    'a home page, tabs, products',
    [home.products.length > 0, tabs.length, inTab.products.length > 0],
    [true, 4, true],
  );
  const cart = await mall.data('GET', 'cart/inCart', { productId: inTab.products[0].id }, token);
  proves('an empty cart', cart, { inCart: false, count: 0 });
  return home.products;
}

async function useCart(mall: Mall, token: string, first: number, second: number): Promise<void> {
  const counts: number[] = [];
  for (const path of ['cart/addProduct', 'cart/addProduct', 'cart/reduceProduct']) {
    counts.push((await mall.data<{ count: number }>('POST', path, { productId: first }, token)).count);
  }
  proves('the counts', counts, [1, 2, 1]);
  await mall.data('POST', 'cart/modifyProduct', { productId: second, modifyCount: 4 }, token);
  await mall.data('POST', 'cart/modifyProduct', { productId: second, modifyCount: 0 }, token);
  await mall.data('POST', 'cart/addProduct', { productId: second }, token);
  const page = await mall.data<{ Products: unknown[] }>('GET', 'cart/userProducts', { from: 0, length: 50 }, token);
  proves('the cart', page.Products.length, 2);
}

async function ship(mall: Mall, product: Product, orderId: number): Promise<void> {
  await step('The merchant sees the order, takes money outside and sends the parcel', async () => {
    const token = await merchantOf(mall, product);
    const { orders } = await mall.data<{ orders: Order[] }>('GET', 'order/shopOrder', { status: 1 }, token);
    proves(
      'his order',
      orders.some(({ order_id }) => order_id === orderId),
      true,
    );
    proves('only his', new Set(orders.map((order) => order.owner_shop_user_id)).size, 1);
    await mall.data('POST', 'order/changeStatus', { order_id: orderId, status: 2 }, token);
    const parcel = { order_id: orderId, tracking_number: ['75844515448966', '75234515448968'] };
    await mall.data('POST', 'order/addTrackingNumber', parcel, token);
  });
}

async function receive(mall: Mall, token: string, product: Product, orderId: number): Promise<void> {
  await step('The buyer receives, reviews and puts the order away', async () => {
    const query = { from: 0, length: 50, status: 2 };
    const { orders } = await mall.data<{ orders: Order[] }>('GET', 'order/userOrder', query, token);
    proves('the parcel', orders[0]?.tracking_number, ['75844515448966', '75234515448968']);
    await mall.data('POST', 'order/changeStatus', { order_id: orderId, status: 3 }, token);
    await mall.data('POST', 'comment/add', { comments: [{ product_id: product.id, comment: '' }] }, token);
    await mall.data('POST', 'order/changeStatus', { order_id: orderId, status: 4 }, token);
    await mall.data('POST', 'order/deleteOrder', { order_id: orderId }, token);
    const gone = await mall.get('/api/v1/order/orderInfo', { query: { order_id: orderId }, token });
    proves('gone for him', gone.status, 404);
  });
}

async function keepShop(mall: Mall): Promise<void> {
  await step('The merchant adds a product, changes it, takes it off the shelf and puts it back', async () => {
    const token = await mall.login('demo-merchant-a');
    const draft = { price: 233, title: '没过期猪小排100g', description: '猪小排。', stock: 32, detail: '新鲜的猪小排' };
    const { id } = await mall.data<{ id: number }>('POST', 'shop/addProduct', draft, token);
    const own = await mall.data<{ Products: Product[] }>('GET', 'shop/ownerProducts', { from: 0, length: 100 }, token);
    const product = own.Products.find((candidate) => candidate.id === id)!;
    await mall.data('POST', 'shop/updateProduct', { ...product, price: 199.5 }, token);
    await mall.data('POST', 'shop/dropProduct', { id }, token);
    await mall.data('POST', 'shop/putProduct', { id }, token);
    proves('the new price', (await mall.data<Product>('GET', 'shop/product', { id })).price, 199.5);
  });
}
