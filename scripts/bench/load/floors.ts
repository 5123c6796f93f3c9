import { createHash, randomBytes } from 'node:crypto';
import { bigShop, buyerId, keenBuyer, random, RAW_ACCOUNTS, RAW_TABS } from '../world.js';
import { prepareFullCarts } from './cart.js';
import { catalogueLoads } from './catalogue.js';
import { Client, requestOf } from './client.js';
import { requests, type LoadFactory } from './load.js';
import { deepInKeen, deepInShop } from './orders.js';

/* What the floors are asked for. They take ids where livemall takes tokens. */

const post = (path: string, body: object): string => requestOf('POST', path, '', JSON.stringify(body));
const get = (path: string): string => requestOf('GET', path);

function pair(max: number): [number, number] {
  const first = random(max);
  let second = random(max);
  while (second === first) second = random(max);
  return [first, second];
}

const order = (user: number, [a, b]: readonly [number, number]): string => post('/order', { user, a, b });
const cartAdd = (user: number, product: number): string => post('/cart', { user, product });

const checkout: LoadFactory = ({ databases: { world } }) => ({
  once: async (client: Client) => {
    const [user, products] = [random(RAW_ACCOUNTS), pair(world.products)];
    for (const product of products) await client.send(cartAdd(user, product));
    await client.send(order(user, products));
  },
});

const gold = (amount: number): LoadFactory => {
  return () => {
    const run = randomBytes(8).toString('hex');
    let count = 0;
    return requests(() => {
      const [user, id] = [random(RAW_ACCOUNTS), run + String(count++).padStart(12, '0')];
      const sign = createHash('md5').update(`${user}|${id}|${amount}|app-secret`).digest('hex');
      return post('/gold', { user, id, gold: amount, sign });
    });
  };
};

export const rawLoads = {
  'raw-detail': ({ databases: { world } }) => requests(() => get(`/product/${random(world.products)}`)),
  'raw-tab': () => requests(() => get(`/tab/${random(RAW_TABS)}`)),
  'raw-cart-add': ({ databases: { world } }) => requests(() => cartAdd(random(RAW_ACCOUNTS), random(world.products))),
  'raw-order': ({ databases: { world } }) => requests(() => order(random(RAW_ACCOUNTS), pair(world.products))),
  'raw-order-hot': () => requests(() => order(random(RAW_ACCOUNTS), [11, 12])),
  'raw-checkout': checkout,
  'raw-gold': gold(5),
  'raw-gold-take': gold(-5),
} satisfies Record<string, LoadFactory>;

/** The searches of livemall, which the floor understands as they are. */
const { 'search-half': half, 'search-word': word, 'search-rare': rare } = catalogueLoads;

export const sameLoads = {
  'same-search-half': half,
  'same-search-word': word,
  'same-search-rare': rare,
  'same-search-absent': catalogueLoads['search-absent'],
  'same-search-character': catalogueLoads['search-character'],
  'same-cart-list': (target) => ({
    prepare: () => prepareFullCarts(target),
    ...requests(() => get(`/cart/${buyerId(random(target.databases.world.buyers) - 1)}`)),
  }),
  'same-orders-user': ({ databases: { world } }) => requests(() => get(`/orders/${keenBuyer(world)}/0`)),
  'same-orders-user-deep': ({ databases: { world } }) =>
    requests(() => get(`/orders/${keenBuyer(world)}/${deepInKeen}`)),
  'same-orders-shop': ({ databases: { world } }) => requests(() => get(`/shop-orders/${bigShop(world)}/0`)),
  'same-orders-shop-deep': ({ databases: { world } }) =>
    requests(() => get(`/shop-orders/${bigShop(world)}/${deepInShop(world)}`)),
  'same-login': ({ databases: { world } }) => requests(() => get(`/login/${buyerId(random(world.buyers) - 1)}`)),
} satisfies Record<string, LoadFactory>;
