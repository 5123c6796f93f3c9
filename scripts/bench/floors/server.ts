import { createServer, get, Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import type { GoldChange, RawFloor } from './raw.js';
import { rawMysql } from './raw-mysql.js';
import { rawSqlite } from './raw-sqlite.js';
import { sameFloor, type SameFloor } from './same.js';

/*
 * What a mall cannot cost less than: node:http and prepared statements, with no framework, no validation and no login.
 * Arguments: port, raw or same, database, port of the WeChat stub.
 */
const [port = '', kind = '', url = '', wechatPort = ''] = process.argv.slice(2);

type Work = (path: readonly string[], request: IncomingMessage) => unknown;

function worksOfRaw(floor: RawFloor): Record<string, Work> {
  return {
    product: ([id]) => floor.product(Number(id)),
    tab: ([id]) => floor.tab(Number(id)),
    cart: async (_, request) => {
      const { user, product } = await bodyOf<{ user: number; product: number }>(request);
      return floor.addToCart(user, product);
    },
    order: async (_, request) => {
      const { user, a, b } = await bodyOf<{ user: number; a: number; b: number }>(request);
      return floor.order(user, a, b);
    },
    gold: async (_, request) => floor.changeGold(await bodyOf<GoldChange>(request)),
  };
}

function worksOfSame(floor: SameFloor): Record<string, Work> {
  const agent = new Agent({ keepAlive: true });
  return {
    // livemall's own path, so that the same requests can be sent
    api: async (_, request) => {
      const { key, length } = await bodyOf<{ key: string; length: number }>(request);
      return floor.search(key, length);
    },
    cart: ([user]) => floor.cart(Number(user)),
    orders: ([id, from]) => floor.orders('buyer', Number(id), Number(from)),
    'shop-orders': ([id, from]) => floor.orders('merchant', Number(id), Number(from)),
    login: async ([user]) => {
      await exchangeCode(agent, user);
      return floor.login(Number(user));
    },
  };
}

function exchangeCode(agent: Agent, user: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const path = `/sns/jscode2session?js_code=${user}-0`;
    get({ agent, host: '127.0.0.1', port: Number(wechatPort), path }, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      reply.on('end', () => resolve(JSON.parse(text)));
    }).on('error', reject);
  });
}

function bodyOf<T>(request: IncomingMessage): Promise<T> {
  return new Promise((resolve, reject) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      try {
        resolve(JSON.parse(text) as T);
      } catch (error) {
        reject(error);
      }
    });
  });
}

function send(response: ServerResponse, value: unknown): void {
  const text = JSON.stringify(value);
  const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(text) };
  response.writeHead(200, headers).end(text);
}

function fail(response: ServerResponse, error: unknown): void {
  const text = String(error);
  response.writeHead(500, { 'Content-Length': Buffer.byteLength(text) }).end(text);
}

const raw = (): RawFloor => (url.startsWith('sqlite:') ? rawSqlite(url.slice('sqlite:'.length)) : rawMysql(url));
const works = new Map(Object.entries(kind === 'raw' ? worksOfRaw(raw()) : worksOfSame(sameFloor(url))));

async function work(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, name, ...path] = request.url!.split('/');
  try {
    send(response, await works.get(name)!(path, request));
  } catch (error) {
    fail(response, error);
  }
}

const server = createServer((request, response) => void work(request, response));
server.keepAliveTimeout = 65_000;
server.listen(Number(port), '127.0.0.1', () => process.send?.('ready'));
process.on('disconnect', () => process.exit());
