import type { INestApplicationContext } from '@nestjs/common';
import { account } from '../../../src/modules/ledger/chart-of-accounts.js';
import { LedgerService } from '../../../src/modules/ledger/ledger.service.js';
import { CommentsService } from '../../../src/modules/comments/comments.service.js';
import { OrdersService } from '../../../src/modules/orders/orders.service.js';
import { OrderStatus } from '../../../src/modules/orders/order-status.js';
import { CatalogueService } from '../../../src/modules/products/catalogue.service.js';
import { SearchService } from '../../../src/modules/products/search.service.js';
import { HomeService } from '../../../src/modules/tabs/home.service.js';
import { FAMOUS_PRODUCT, type MallPeople } from './mall.js';

/** Reads once; `serial` differs each time, so that nothing is remembered from the time before. */
export type Read = (serial: number) => Promise<unknown>;

/** First and deep pages of every list of a growing table, as the routes ask the services for them. */
export function casesOf(context: INestApplicationContext, { merchant, buyer }: MallPeople): Record<string, Read> {
  const orders = context.get(OrdersService);
  const catalogue = context.get(CatalogueService);
  const found = context.get(SearchService);
  const home = context.get(HomeService);
  const wallet = account.userBalance(buyer);
  const page = (from: number, serial: number, length = 10) => ({ from: from + (serial % 50), length });
  const ofShop =
    (from: number): Read =>
    (serial) =>
      orders.listForMerchant(merchant, {}, page(from, serial));
  const ofBuyer =
    (from: number): Read =>
    (serial) =>
      orders.listForBuyer(buyer, {}, page(from, serial));
  const ofHome =
    (from: number): Read =>
    (serial) =>
      home.listPage(page(from, serial, 20));
  const search =
    (key: string, from = 0): Read =>
    (serial) =>
      found.search(key, page(from, serial, 20));
  const statement =
    (from: number): Read =>
    (serial) =>
      context.get(LedgerService).statement(wallet, 'CNY', page(from, serial, 20));
  const unpaid = { status: OrderStatus.pendingPayment };
  return {
    'shop orders, first page': ofShop(0),
    'shop orders, from 40,000': ofShop(40_000),
    'shop orders, unpaid ones': (serial) => orders.listForMerchant(merchant, unpaid, page(0, serial)),
    'buyer orders, first page': ofBuyer(0),
    'buyer orders, from 800': ofBuyer(800),
    'home page, from 0': ofHome(0),
    'home page, from 1,000': ofHome(1000),
    'home page, from 9,000': ofHome(9000),
    'products of all shops, from 9,000': (serial) => catalogue.listListed({ page: page(9000, serial, 20) }),
    'products of a merchant, first page': (serial) => catalogue.listOwned(merchant, page(0, serial, 20)),
    'products of a merchant, from 800': (serial) => catalogue.listOwned(merchant, page(800, serial, 20)),
    'comments of a product': (serial) =>
      context.get(CommentsService).listForProduct(FAMOUS_PRODUCT, page(0, serial, 20)),
    'wallet statement, first page': statement(0),
    'wallet statement, from 8,000': statement(8000),
    'search 鸡, one character': search('鸡'),
    'search 新鲜, a pair of every second title': search('新鲜'),
    'search 新鲜, from 4,000': search('新鲜', 4000),
    'search 鸡小排, three common characters': search('鸡小排'),
    'search 鸡小排东, one title in 100': search('鸡小排东'),
    'search 冷冻鸡小排稀, common pairs and one that no title has': search('冷冻鸡小排稀'),
    'search 新鲜鸡小排北, common pairs that no title has together': search('新鲜鸡小排北'),
  };
}
