import { everyOneOf, type World } from '../world.js';
import { requestOf } from './client.js';
import { requests, type LoadFactory } from './load.js';

const get = (path: string): LoadFactory => {
  return () => requests(() => requestOf('GET', path));
};

/** One after the other of all there are. */
const getEvery = (path: string, count: (world: World) => number): LoadFactory => {
  return ({ databases: { world } }) => {
    const next = everyOneOf(count(world));
    return requests(() => requestOf('GET', `${path}${next()}`));
  };
};

const search = (key: string): LoadFactory => {
  const body = JSON.stringify({ key, length: 20 });
  return () => requests(() => requestOf('POST', '/api/v1/search', '', body));
};

/** The five kinds of searches, by how many titles have the key. */
const SEARCHES = {
  /** Half of them; two characters, so that the index alone says it. */
  half: '新鲜',
  /** 1 of 20. */
  word: '鸡小排',
  /** 1 of 1,000. */
  rare: '稀有货',
  /** None, though its pairs of characters are common. */
  absent: '新鲜鸡猪小排',
  /** All; one character. */
  character: 'g',
} as const;

export const catalogueLoads = {
  detail: getEvery('/api/v1/shop/product?id=', ({ products }) => products),
  'detail-hot': get('/api/v1/shop/product?id=77'),
  tab: getEvery('/api/v1/product/tabProducts?tabId=', ({ tabs }) => tabs),
  'tab-hot': get('/api/v1/product/tabProducts?tabId=5'),
  'search-half': search(SEARCHES.half),
  'search-word': search(SEARCHES.word),
  'search-rare': search(SEARCHES.rare),
  'search-absent': search(SEARCHES.absent),
  'search-character': search(SEARCHES.character),
} satisfies Record<string, LoadFactory>;
