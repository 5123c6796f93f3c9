import type { DataSource } from 'typeorm';
import { account } from '../../../src/modules/ledger/chart-of-accounts.js';
import { LedgerAccount } from '../../../src/modules/ledger/ledger-account.entity.js';
import { LedgerEntry } from '../../../src/modules/ledger/ledger-entry.entity.js';
import { LedgerTransaction } from '../../../src/modules/ledger/ledger-transaction.entity.js';
import { Comment } from '../../../src/modules/comments/comment.entity.js';
import { OrderItem } from '../../../src/modules/orders/order-item.entity.js';
import { Order } from '../../../src/modules/orders/order.entity.js';
import { ProductSnapshot } from '../../../src/modules/products/product-snapshot.entity.js';
import { Product } from '../../../src/modules/products/product.entity.js';
import { foldTitle, gramsOfTitle } from '../../../src/modules/products/title-grams.js';
import { HomePage } from '../../../src/modules/tabs/home-page.entity.js';
import { TabProduct } from '../../../src/modules/tabs/tab-product.entity.js';
import { User } from '../../../src/modules/users/user.entity.js';
import { Filler } from './filler.js';

/** How many rows there are; what belongs to the one large shop, buyer, product or wallet is the oldest of all. */
export interface MallSize {
  readonly products: number;
  readonly orders: number;
  readonly comments: number;
  readonly entries: number;
  readonly ownProducts: number;
  readonly shopOrders: number;
  readonly buyerOrders: number;
  readonly productComments: number;
  readonly walletEntries: number;
}

/** Who owns what lists are asked for. */
export interface MallPeople {
  readonly merchant: number;
  readonly buyer: number;
}

/** Ids of people from here on are the crowd's. */
const CROWD = 10_000;
const CROWD_SIZE = 2000;
/** The product with many comments. */
export const FAMOUS_PRODUCT = 1;
const TITLES = 1000;
const KINDS =
  '鸡小排 猪小排 牛肋条 羊腿肉 五花肉 三文鱼 大闸蟹 小龙虾 车厘子 水蜜桃 香梨子 红富士 土豆粉 菠菜叶 西兰花 秋葵荚 豆腐干 豆瓣酱 老干妈 花生油'.split(
    ' ',
  );
const PLACES = '东西南北中上下左右高低前后春夏秋冬金木水火土天地人'.split('');

/** Half of them begin with 新鲜, one in 20 has 鸡小排, one in 1,000 稀有货. */
export function titleOf(number: number): string {
  const [state, place] = [Math.floor(number / 20) % 2 === 0 ? '新鲜' : '冷冻', PLACES[number % PLACES.length]];
  return `${state}${KINDS[number % 20]}${place}${number === 7 ? '稀有货' : ''}`;
}

/** Expression of the row's number: `large` for the first so many rows, then one of the crowd. */
const skewed = (large: number, count: number): string =>
  `CASE WHEN n.i <= ${count} THEN ${large} ELSE ${CROWD} + n.i % ${CROWD_SIZE} END`;

/** Fills a migrated, empty database. */
export async function fillMall(dataSource: DataSource, size: MallSize, people: MallPeople): Promise<void> {
  const filler = new Filler(dataSource);
  await filler.count(Math.max(size.products, size.orders, size.comments, size.entries, CROWD + CROWD_SIZE));
  await filler.rows(User, CROWD, CROWD + CROWD_SIZE - 1, { permission: '3' });
  await fillCatalogue(filler, dataSource, size, people);
  await fillOrders(filler, size, people);
  await fillBooks(filler, size, people);
  await filler.rows(Comment, 1, size.comments, {
    productId: `CASE WHEN n.i <= ${size.productComments} THEN ${FAMOUS_PRODUCT} ELSE 2 + n.i % ${size.products - 2} END`,
    text: "'很香很甜'",
  });
  await filler.analyze();
}

async function fillCatalogue(
  filler: Filler,
  dataSource: DataSource,
  { products, ownProducts }: MallSize,
  { merchant }: MallPeople,
): Promise<void> {
  const titles = Array.from({ length: TITLES }, (_, index) => titleOf(index));
  await filler.texts('growth_titles', titles);
  const title = `(SELECT t.text FROM growth_titles t WHERE t.i = n.i % ${TITLES})`;
  const sold = {
    ownerId: skewed(merchant, ownProducts),
    title,
    price: '500 + n.i % 5000',
    description: "'产地直发，坏单包赔。'",
    detail: "'冷链配送，次日送达，签收时请检查包装。冷链配送，次日送达，签收时请检查包装。'",
  };
  await filler.rows(Product, 1, products, { ...sold, foldedTitle: title, stock: '1000000', listed: '1' });
  await filler.rows(ProductSnapshot, 1, products, { ...sold, productId: 'n.i' });
  await fillGrams(filler, dataSource, titles, products);
  await filler.rows(HomePage, 1, 1, { pictureNumber: '3' });
  await filler.rows(TabProduct, 1, 20, { tabId: '0', position: 'n.i' });
}

/** Gram by gram, so that rows come nearly in the order of the key. */
async function fillGrams(
  filler: Filler,
  dataSource: DataSource,
  titles: readonly string[],
  products: number,
): Promise<void> {
  const grams = titles.flatMap((title, index) => gramsOfTitle(foldTitle(title)).map((gram) => [gram, index]));
  await dataSource.query(
    'CREATE TABLE growth_grams (gram BIGINT NOT NULL, title INTEGER NOT NULL, PRIMARY KEY (gram, title))',
  );
  await filler.tuples('growth_grams', grams);
  const all = [...new Set(grams.map(([gram]) => gram))].sort((a, b) => a - b);
  for (let first = 0; first < all.length; first += 20) {
    const [low, high] = [all[first], all[Math.min(all.length, first + 20) - 1]];
    await dataSource.query(
      `INSERT INTO product_grams SELECT g.gram, n.i * ${TITLES} + g.title FROM growth_grams g JOIN growth_numbers n ` +
        `ON n.i <= ${Math.floor(products / TITLES)} WHERE g.gram BETWEEN ${low} AND ${high} ` +
        `AND n.i * ${TITLES} + g.title BETWEEN 1 AND ${products}`,
    );
  }
}

async function fillOrders(
  filler: Filler,
  { orders, shopOrders, buyerOrders, products }: MallSize,
  { merchant, buyer }: MallPeople,
): Promise<void> {
  await filler.rows(Order, 1, orders, {
    merchantId: skewed(merchant, shopOrders),
    buyerId: skewed(buyer, buyerOrders),
    status: "CASE n.i % 10 WHEN 0 THEN 'pendingPayment' WHEN 1 THEN 'closed' ELSE 'completed' END",
    hiddenFromBuyer: '0',
    trackingNumbers: "'[]'",
    recipientAddress: "'广东省深圳市南山区'",
  });
  const product = `1 + (n.i * 31) % ${products}`;
  await filler.rows(OrderItem, 1, orders, { productId: product, snapshotId: product, count: '1', reviewed: '0' });
}

async function fillBooks(filler: Filler, { entries, walletEntries }: MallSize, { buyer }: MallPeople): Promise<void> {
  const wallet = account.userBalance(buyer);
  await filler.rows(LedgerAccount, CROWD - 1, CROWD + CROWD_SIZE - 1, {
    address: `CASE n.i WHEN ${CROWD - 1} THEN '${wallet}' ELSE concat('user:', n.i, ':balance') END`,
    asset: "'CNY'",
    balance: '0',
  });
  await filler.rows(LedgerTransaction, 1, entries, { kind: "'grant'" });
  await filler.rows(LedgerEntry, 1, entries, {
    position: '0',
    accountId: skewed(CROWD - 1, walletEntries),
    amount: '1',
    balanceAfter: 'n.i',
  });
}
