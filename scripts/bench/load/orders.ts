import { inParallel } from '../seed/fill.js';
import { bigShop, buyerId, keenBuyer, KEEN_ORDERS, pairOfShops, tokenOf, type World } from '../world.js';
import { fillCarts } from './cart.js';
import { Client, requestOf } from './client.js';
import { requests, type Load, type LoadFactory, type Target } from './load.js';

/** More than any machine places in a second: a round that uses them up ends early. */
const ORDERS_PER_SECOND = 4000;
const PAYMENTS_PER_SECOND = 1500;
/** Products that everybody buys. */
const WANTED = [11, 12] as const;
const RECIPIENT = {
  transportation_price: 5,
  name: '小明',
  phone_number: '18089876534',
  address: '广东省深圳市南山区',
  message: '快点发货',
};

interface Wish {
  readonly buyer: number;
  readonly products: readonly [number, number];
}

const placeOrder = ({ buyer, products }: Wish): string =>
  requestOf(
    'POST',
    '/api/v1/order/generateOrder',
    tokenOf(buyer),
    JSON.stringify({ product_ids: products, ...RECIPIENT }),
  );
const payOrders = (buyer: number, order_ids: readonly number[]): string =>
  requestOf('POST', '/api/v1/order/pay', tokenOf(buyer), JSON.stringify({ order_ids, channel: 'balance' }));
const addToCart = (buyer: number, productId: number): string =>
  requestOf('POST', '/api/v1/cart/addProduct', tokenOf(buyer), JSON.stringify({ productId }));

function orderIdsOf(body: string): number[] {
  const { data } = JSON.parse(body) as { data: { order_id: number[] } };
  return data.order_id;
}

/** Wishes of all buyers in turn, no product twice in a cart. */
function wishesOf(world: World, count: number, buyers = world.buyers): Wish[] {
  const carts = new Map<number, Set<number>>();
  return Array.from({ length: count }, (_, index) => {
    const buyer = buyerId(index % buyers);
    const cart = carts.get(buyer) ?? new Set<number>();
    carts.set(buyer, cart);
    let products = pairOfShops(world);
    while (products.some((id) => cart.has(id))) products = pairOfShops(world);
    for (const id of products) cart.add(id);
    return { buyer, products };
  });
}

const linesOf = (wishes: readonly Wish[]): (readonly [number, number])[] =>
  wishes.flatMap(({ buyer, products }) => products.map((id) => [buyer, id] as const));

/** Carts are filled beforehand by the database, then each wish becomes an order once. */
function placing({ databases: { mall } }: Target, wish: (seconds: number) => Wish[]): Load {
  let wishes: Wish[] = [];
  const next = (): string | null => {
    const made = wishes.pop();
    return made ? placeOrder(made) : null;
  };
  return {
    prepare: async (seconds) => {
      wishes = wish(seconds);
      await fillCarts(mall, linesOf(wishes));
    },
    ...requests(next),
  };
}

/** Orders are placed beforehand, then each checkout is paid once. */
function paying({ port, databases: { mall, world } }: Target): Load {
  let placed: { buyer: number; ids: number[] }[] = [];
  const next = (): string | null => {
    const checkout = placed.pop();
    return checkout ? payOrders(checkout.buyer, checkout.ids) : null;
  };
  return {
    prepare: async (seconds) => {
      const wishes = wishesOf(world, Math.ceil(seconds * PAYMENTS_PER_SECOND), world.funded);
      await fillCarts(mall, linesOf(wishes));
      placed = [];
      const clients = Array.from({ length: 16 }, () => new Client(port));
      await inParallel(wishes.length, clients.length, async (index) => {
        const client = clients.pop()!;
        const ids = orderIdsOf(await client.send(placeOrder(wishes[index]), true));
        placed.push({ buyer: wishes[index].buyer, ids });
        clients.push(client);
      });
      for (const client of clients) client.close();
    },
    ...requests(next),
  };
}

/** The whole way of a buyer: two products into the cart, orders, payment from the wallet. */
export function checkingOut({ databases: { world } }: Target): Load {
  let next = 0;
  return {
    once: async (client) => {
      const buyer = buyerId(next++ % world.funded);
      const products = pairOfShops(world);
      for (const id of products) await client.send(addToCart(buyer, id));
      const ids = orderIdsOf(await client.send(placeOrder({ buyer, products }), true));
      await client.send(payOrders(buyer, ids));
    },
  };
}

const list = (path: (world: World) => string, who: (world: World) => number): LoadFactory => {
  return ({ databases: { world } }) => {
    const request = requestOf('GET', `/api/v1/order/${path(world)}`, tokenOf(who(world)));
    return requests(() => request);
  };
};

/** Where the deep pages begin. */
export const deepInKeen = KEEN_ORDERS * 0.9;
export const deepInShop = ({ shopOrders }: World): number => shopOrders * 0.9;

export const orderLoads = {
  order: (target) =>
    placing(target, (seconds) => wishesOf(target.databases.world, Math.ceil(seconds * ORDERS_PER_SECOND))),
  'order-hot': (target) => {
    const { buyers } = target.databases.world;
    return placing(target, () =>
      Array.from({ length: buyers }, (_, index) => ({ buyer: buyerId(index), products: WANTED })),
    );
  },
  pay: paying,
  checkout: checkingOut,
  'orders-user': list(() => 'userOrder', keenBuyer),
  'orders-user-deep': list(() => `userOrder?from=${deepInKeen}`, keenBuyer),
  'orders-shop': list(() => 'shopOrder', bigShop),
  'orders-shop-deep': list((world) => `shopOrder?from=${deepInShop(world)}`, bigShop),
} satisfies Record<string, LoadFactory>;
