import { cartLoads } from './cart.js';
import { catalogueLoads } from './catalogue.js';
import type { LoadFactory } from './load.js';
import { orderLoads } from './orders.js';
import { partnerLoads } from './partners.js';

/** Parts of 100 of what a mall is asked on a busy day. */
const PARTS: readonly (readonly [part: number, load: LoadFactory])[] = [
  [30, catalogueLoads.detail],
  [10, catalogueLoads['detail-hot']],
  [12, catalogueLoads.tab],
  [6, catalogueLoads['tab-hot']],
  [5, catalogueLoads['search-word']],
  [3, catalogueLoads['search-half']],
  [2, catalogueLoads['search-rare']],
  [10, cartLoads['cart-list']],
  [8, cartLoads['cart-add']],
  [5, orderLoads['orders-user']],
  [2, orderLoads['orders-shop']],
  [4, orderLoads.checkout],
  [2, partnerLoads['gold-new']],
  [1, partnerLoads['gold-repeat']],
];

/** Everything at once, each as often as its part says. */
const mixed: LoadFactory = (target) => {
  const turns = PARTS.flatMap(([part, load]) => {
    const made = load(target);
    return Array.from({ length: part }, () => made);
  });
  return { once: (client) => turns[Math.floor(Math.random() * turns.length)].once(client) };
};

export const mixedLoads = { mixed } satisfies Record<string, LoadFactory>;
