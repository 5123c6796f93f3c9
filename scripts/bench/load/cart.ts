import { openStore } from '../seed/store.js';
import { buyerId, everyOneOf, random, tokenOf, type World } from '../world.js';
import { requestOf } from './client.js';
import { requests, type LoadFactory, type Target } from './load.js';

/** Lines in a cart that is listed: a page of it. */
const LINES = 10;

/** Puts `lines` into the carts and nothing else; each is a user and a product. */
export async function fillCarts(url: string, lines: Iterable<readonly [userId: number, productId: number]>) {
  const store = await openStore(url);
  const now = Date.now();
  const rows = function* () {
    for (const [userId, productId] of lines) yield [userId, productId, 1, now, now];
  };
  await store.run('DELETE FROM cart_lines');
  await store.insert('cart_lines', ['user_id', 'product_id', 'count', 'created_at', 'updated_at'], rows());
  await store.close();
}

/** One buyer after the other. */
function everyBuyer({ buyers }: World): () => number {
  const next = everyOneOf(buyers);
  return () => buyerId(next() - 1);
}

/** Ten different products in the cart of each buyer. */
function* fullCarts({ buyers, products }: World): Generator<[number, number]> {
  for (let index = 0; index < buyers; index += 1) {
    const first = random(products);
    for (let line = 0; line < LINES; line += 1) yield [buyerId(index), 1 + ((first + line * 487) % products)];
  }
}

/** The same carts for every round and both sides of a comparison. */
export async function prepareFullCarts({ databases: { mall, world } }: Target): Promise<void> {
  const store = await openStore(mall);
  const [{ filled }] = await store.read<{ filled: number }>('SELECT COUNT(*) AS filled FROM cart_lines');
  await store.close();
  if (Number(filled) !== world.buyers * LINES) await fillCarts(mall, fullCarts(world));
}

export const cartLoads = {
  'cart-add': ({ databases: { world } }) => {
    const next = everyBuyer(world);
    return requests(() => {
      const body = `{"productId":${random(world.products)}}`;
      return requestOf('POST', '/api/v1/cart/addProduct', tokenOf(next()), body);
    });
  },
  'cart-list': (target) => {
    const next = everyBuyer(target.databases.world);
    return {
      prepare: () => prepareFullCarts(target),
      ...requests(() => requestOf('GET', '/api/v1/cart/userProducts', tokenOf(next()))),
    };
  },
} satisfies Record<string, LoadFactory>;
