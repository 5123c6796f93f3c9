import { once } from 'node:events';
import { createServer, IncomingMessage, request, ServerResponse, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { BornExpressAdapter } from '../../src/protocols/born-express.adapter.js';

/** Declares a route as Nest does; the adapter does, too. */
interface Routes {
  get(path: string, handler: (asked: Request, response: Response, next: NextFunction) => unknown): unknown;
  post(path: string, handler: (asked: Request, response: Response, next: NextFunction) => unknown): unknown;
}

/** One handler of each kind that an Express application may have. */
function furnish(app: Express, routesOf: () => Routes = () => app): void {
  app.disable('x-powered-by');
  app.use(express.json({ limit: 1000 }), express.urlencoded({ extended: false }));
  app.use('/static', express.static(fileURLToPath(new URL('../..', import.meta.url))));
  const mounted = express.Router();
  mounted.get('/x/:id', ({ baseUrl, query, params, originalUrl }: Request, response: Response) => {
    response.json({ baseUrl, query, params, originalUrl });
  });
  app.use('/mounted', mounted);
  const routes = routesOf();
  routes.get('/query', (asked: Request, response: Response) => {
    response.cookie('a', 'b', { httpOnly: true }).append('Vary', 'Accept').status(201);
    response.json({
      query: asked.query,
      ip: asked.ip,
      hostname: asked.hostname,
      xhr: asked.xhr,
      accepts: asked.accepts('json'),
      protocol: asked.protocol,
      accept: asked.get('accept'),
      isOwn: asked.app === app,
      isNodes: asked instanceof IncomingMessage && response instanceof ServerResponse,
      path: asked.path,
    });
  });
  routes.get('/redirect', (_: Request, response: Response) => response.redirect('/query'));
  routes.post('/body', (asked: Request, response: Response) => void response.send(asked.body));
  routes.get('/error', () => {
    throw new Error('boom');
  });
  routes.get('/late-error', async () => Promise.reject(new Error('late')));
  routes.get('/etag', (_: Request, response: Response) => void response.set('ETag', '"seven"').json({ a: 1 }));
  routes.get('/empty', (_: Request, response: Response) => void response.status(204).end());
  routes.get('/twice', (_: Request, __: Response, next: NextFunction) => next());
  routes.get('/twice', (_: Request, response: Response) => void response.json('second'));
  routes.get('/item/:id', ({ params }: Request, response: Response) => void response.json(params));
  routes.get('/chunks', (_: Request, response: Response) => {
    response.write('one');
    response.end('two');
  });
  app.use(({ message }: Error, _asked: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) next();
    else response.status(500).json({ message });
  });
}

interface Ask {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const JSON_BODY = { 'content-type': 'application/json' };
const CASES: readonly (readonly [name: string, ask: Ask])[] = [
  ['queries', { path: '/query?a=1&a=2&b[]=3&c=%E4%B8%AD&d' }],
  ['headers', { path: '/query', headers: { 'x-requested-with': 'XMLHttpRequest', accept: 'text/html' } }],
  ['redirects', { path: '/redirect' }],
  ['JSON bodies', { path: '/body', method: 'POST', headers: JSON_BODY, body: '{"x":[1,{"y":null}]}' }],
  [
    'forms',
    {
      path: '/body',
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a=1&b=+',
    },
  ],
  ['broken bodies', { path: '/body', method: 'POST', headers: JSON_BODY, body: '{' }],
  ['huge bodies', { path: '/body', method: 'POST', headers: JSON_BODY, body: `"${'x'.repeat(2000)}"` }],
  ['errors', { path: '/error' }],
  ['errors of promises', { path: '/late-error' }],
  ['ETags', { path: '/etag' }],
  ['304', { path: '/etag', headers: { 'if-none-match': '"seven"' } }],
  ['304 for anything', { path: '/query', headers: { 'if-none-match': '*' } }],
  ['HEAD', { path: '/etag', method: 'HEAD' }],
  ['replies without a body', { path: '/empty' }],
  ['replies in chunks', { path: '/chunks' }],
  ['404', { path: '/nothing' }],
  ['paths of another case, with a slash at their end', { path: '/QUERY/?a=1' }],
  ['paths that are written in another way', { path: '/%71uery' }],
  ['paths with two slashes', { path: '//query' }],
  ['paths with parameters', { path: '/item/%E4%B8%AD' }],
  ['two handlers of a path', { path: '/twice' }],
  ['another method of a path', { path: '/body' }],
  ['paths that cannot be decoded', { path: '/mounted/x/%E0%A4%A' }],
  ['routers on a path', { path: '/mounted/x/7?y=1' }],
  ['OPTIONS', { path: '/query', method: 'OPTIONS' }],
  ['static files', { path: '/static/package.json' }],
  ['HEAD of static files', { path: '/static/package.json', method: 'HEAD' }],
  ['parts of static files', { path: '/static/package.json', headers: { range: 'bytes=0-9' } }],
  ['static files that are not there', { path: '/static/../package.json' }],
];

describe('requests and responses born with the prototypes of Express', () => {
  const stock = express();
  const adapter = new BornExpressAdapter({});
  let plain: Server;
  let born: Server;

  beforeAll(async () => {
    stock.disable('etag');
    furnish(stock);
    furnish(adapter.getInstance<Express>(), () => {
      adapter.routeDirectly();
      return adapter as unknown as Routes;
    });
    plain = createServer(stock);
    adapter.initHttpServer();
    born = adapter.getHttpServer();
    await Promise.all([plain, born].map((server) => once(server.listen(0, '127.0.0.1'), 'listening')));
  });
  afterAll(async () => {
    await Promise.all([plain, born].map((server) => once(server.close(), 'close')));
  });

  it.each(CASES)('answer as Express itself does: %s', async (_, asked) => {
    const [expected, reply] = [await ask(plain, asked), await ask(born, asked)];
    expect(reply.headers['x-request-id']).toMatch(/^[\da-f]{8}-[\da-z]+$/);
    delete reply.headers['x-request-id'];
    expect(reply).toEqual(expected);
  });
});

async function ask(server: Server, { path, method = 'GET', headers, body }: Ask) {
  const { port } = server.address() as AddressInfo;
  const asking = request({ port, host: '127.0.0.1', path, method, agent: false, headers: { ...headers } });
  asking.end(body);
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const { date: _, ...others } = response.headers;
  const text = Buffer.concat(chunks).toString().replaceAll(`:${port}`, '');
  return { status: response.statusCode, headers: others as Record<string, unknown>, text };
}
