import { foldTitle, gramsOfTitle } from '../../../src/modules/products/title-grams.js';
import {
  bigShop,
  CREDENTIALS,
  buyerId,
  keenBuyer,
  KEEN_ORDERS,
  openidOf,
  openIdOf,
  ownerOf,
  ROOT,
  sessionOf,
  TAB_LENGTH,
  uidOf,
  type World,
} from '../world.js';
import { fill, fillFrom, numbers } from './fill.js';
import type { Store } from './store.js';
import { titleOf } from './titles.js';

const DETAIL = '新鲜的天的猪小排，冷链配送，次日送达，签收时请检查包装。'.repeat(3);
const STOCK = 1_000_000;
const YEAR = 365 * 86_400_000;

/** The mall's tables but for wallets, which are filled over HTTP. Sessions never end, so that the database can be kept. */
export async function fillMall(store: Store, world: World): Promise<void> {
  const parts = { products: fillProducts, tabs: fillTabs, people: fillPeople, orders: fillOrders };
  for (const [name, fillPart] of Object.entries(parts)) {
    const began = Date.now();
    await fillPart(store, world);
    console.log(`  ${name}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
  }
}

async function fillProducts(store: Store, world: World): Promise<void> {
  const now = Date.now();
  await fill(store, 'products', world.products, (id) => ({
    id,
    owner_id: ownerOf(id, world),
    price: 500 + (id % 5000),
    title: titleOf(id),
    description: '产地直发，坏单包赔。',
    detail: DETAIL,
    icon: `https://cdn.example/p/${id}.webp`,
    picture_number: 2,
    detail_picture_number: 3,
    folded_title: foldTitle(titleOf(id)),
    stock: STOCK,
    listed: 1,
    snapshot_id: id,
    created_at: now,
    updated_at: now,
  }));
  const sold = ['owner_id', 'price', 'title', 'description', 'detail', 'icon', 'picture_number'];
  const copied = ['id', ...sold, 'detail_picture_number', 'created_at'].map((column) => [column, column]);
  await fillFrom(store, 'product_snapshots', 'products', { ...Object.fromEntries(copied), product_id: 'id' });
  await store.insert('product_grams', ['gram', 'product_id'], gramRows(world));
}

/** In the order of the key, which is how they are written fastest. */
function* gramRows({ products }: World): Generator<[number, number]> {
  const ids = new Map<number, number[]>();
  for (let id = 1; id <= products; id += 1) {
    for (const gram of gramsOfTitle(foldTitle(titleOf(id)))) {
      const found = ids.get(gram);
      if (found) found.push(id);
      else ids.set(gram, [id]);
    }
  }
  for (const gram of [...ids.keys()].sort((a, b) => a - b)) {
    for (const id of ids.get(gram) ?? []) yield [gram, id];
  }
}

async function fillTabs(store: Store, { tabs, products }: World): Promise<void> {
  const now = Date.now();
  await fill(store, 'tabs', tabs, (id) => ({ id, name: `tab ${id}`, created_at: now, updated_at: now }));
  await fill(store, 'tab_products', tabs * TAB_LENGTH, (n) => {
    const [tab, position] = [1 + Math.floor((n - 1) / TAB_LENGTH), 1 + ((n - 1) % TAB_LENGTH)];
    return { tab_id: tab, product_id: 1 + ((tab * 397 + position * 4801) % products), position };
  });
}

async function fillPeople(store: Store, world: World): Promise<void> {
  const now = Date.now();
  const { merchants, buyers, partners } = world;
  const all = [
    ...Array.from({ length: merchants }, (_, index) => ({ id: index + 1, permission: 3 })),
    { id: ROOT, permission: 7 },
    ...Array.from({ length: buyers + 1 }, (_, index) => ({ id: buyerId(index), permission: 1 })),
  ];
  await fill(store, 'users', all.length, (n) => {
    const { id, permission } = all[n - 1];
    const profile = { name: `name ${id}`, avatar: '', agent: '', gender: 0, province: '', city: '' };
    const phone = String(13_000_000_000 + id);
    return { id, uid: uidOf(id), ...profile, phone, permission, token_version: 0, created_at: now, updated_at: now };
  });
  await fill(store, 'login_sessions', all.length, (n) => {
    const { id } = all[n - 1];
    const times = { created_at: now, expires_at: now + 10 * YEAR, revoked_at: null };
    return { id: sessionOf(id), user_id: id, token_version: 0, ...times };
  });
  await fill(store, 'wechat_identities', all.length, (n) => {
    const { id } = all[n - 1];
    return { app_id: CREDENTIALS.WECHAT_APP_ID, openid: openidOf(id), unionid: null, user_id: id, created_at: now };
  });
  const unknown = { aid: '', name: '', portrait: '', email: '', country: '', birthday: '', sex: '', token_hash: '' };
  await fill(store, 'linkv_users', partners, (n) => {
    const key = { open_id: openIdOf(n - 1), app_id: CREDENTIALS.LINKV_APP_ID, user_id: `partner-${n}` };
    return { ...key, ...unknown, created_at: now, updated_at: now };
  });
}

/** First the keen buyer's, then the big shop's, which are not the newest, then the others'. */
async function fillOrders(store: Store, world: World): Promise<void> {
  const [keen, shop] = [KEEN_ORDERS, KEEN_ORDERS + world.shopOrders];
  const someBuyer = `${buyerId(0)} + n % ${world.buyers}`;
  await orderRows(store, world, [1, keen], String(keenBuyer(world)), `1 + n % ${world.merchants - 1}`);
  await orderRows(store, world, [keen + 1, shop], someBuyer, String(bigShop(world)));
  await orderRows(store, world, [shop + 1, world.orders], someBuyer, `1 + (n * 7) % ${world.merchants - 1}`);
  // Those that lists are asked for have two items.
  await itemRows(store, numbers(1, shop), `1 + (n * 31) % ${world.products}`);
}

async function orderRows(
  store: Store,
  { products }: World,
  [first, last]: readonly [number, number],
  buyer: string,
  merchant: string,
): Promise<void> {
  const now = Date.now();
  const status = (await store.columnsOf('orders')).find(({ name }) => name === 'status');
  const placed = `${now} - n`;
  const product = `1 + n % ${products}`;
  const who = { id: 'n', checkout_id: 'n', buyer_id: buyer, merchant_id: merchant };
  const state = { status: status?.isNumber ? '4' : "'completed'", status_since: placed, channel: "'balance'" };
  const money = { goods: '1000', freight: '500', discount: '0', total: '1500' };
  const what = {
    first_title: "'新鲜鸡小排'",
    first_product_id: product,
    tracking_numbers: "'[]'",
    hidden_from_buyer: '0',
  };
  const recipient = {
    recipient_name: "'小明'",
    recipient_phone: "'18089876534'",
    recipient_address: "'广东省深圳市南山区'",
    message: "'快点发货'",
    shop_message: "''",
  };
  const times = { created_at: placed, paid_at: placed, verified_at: placed, closed_at: 'NULL', updated_at: placed };
  const columns = { ...who, ...state, ...money, ...what, ...recipient, ...times };
  await fillFrom(store, 'orders', numbers(first, last), columns);
  await itemRows(store, numbers(first, last), product);
}

async function itemRows(store: Store, orders: string, product: string): Promise<void> {
  const item = { order_id: 'n', price: '1000', count: '1', reviewed: '0' };
  await fillFrom(store, 'order_items', orders, { ...item, product_id: product, snapshot_id: product });
}
