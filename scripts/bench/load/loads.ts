import { cartLoads } from './cart.js';
import { catalogueLoads } from './catalogue.js';
import { rawLoads, sameLoads } from './floors.js';
import type { LoadFactory } from './load.js';
import { mixedLoads } from './mixed.js';
import { orderLoads } from './orders.js';
import { partnerLoads } from './partners.js';

const all = {
  ...catalogueLoads,
  ...cartLoads,
  ...orderLoads,
  ...partnerLoads,
  ...mixedLoads,
  ...rawLoads,
  ...sameLoads,
};

export type LoadName = keyof typeof all;

/** What can be driven, by name. */
export const loads: Readonly<Record<LoadName, LoadFactory>> = all;
