import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request, { type Response } from 'supertest';
import { ApiV1, Public } from '../../src/protocols/decorators.js';
import { TestApp, type TestUser } from '../support/app.js';
import { routesOf, type DeclaredRoute } from '../support/routes.js';

/** Who may come in without a login, and nobody else: a new public route is a line here. */
const PUBLIC = new Set([
  'GET /api/v1/user/code',
  'POST /api/v1/user/refresh',
  'GET /api/v1/shop/product',
  'GET /api/v1/product/tabList',
  'GET /api/v1/product/tabProducts',
  'GET /api/v1/product/homePicture',
  'GET /api/v1/product/homeTab',
  'GET /api/v1/comment/product',
  'POST /api/v1/search',
  'POST /api/v1/payment/notify',
  'POST /liveuser/Wx/Login',
  'POST /liveuser/Wx/RenewToken',
  'POST /liveuser/Wx/Postpay',
  'POST /account/signup',
  'POST /account/login',
  'GET /account/signin',
  'POST /account/signin',
  'GET /account/signout',
  'POST /account/signout',
  'GET /products',
  'GET /product/:id',
  'GET /payment_items',
  'POST /payment_item/:id',
  'POST /open/v0/thGetToken',
  'POST /open/finanv0/orderSuccess',
  'POST /open/finanv0/changeGold',
  'POST /open/finanv0/getUserTokens',
  'GET /open/finanv0/getUserTokens',
  'GET /health/live',
  'GET /health/ready',
  'GET /metrics',
]);

describe('access', () => {
  let app: TestApp;
  let routes: DeclaredRoute[];
  const users = new Map<number, TestUser>();

  beforeAll(async () => {
    app = await TestApp.start();
    routes = routesOf(app.app);
    for (const permission of [1, 2, 4, 7]) users.set(permission, await app.login(`bits${permission}`, permission));
  });
  afterAll(() => app.stop());

  const call = ({ method, path }: DeclaredRoute, token?: string): PromiseLike<Response> => {
    const test = request(app.url)[method.toLowerCase() as 'get' | 'post'](path.replace(/:\w+/g, '1'));
    return token === undefined ? test : test.set('Authorization', `Bearer ${token}`);
  };
  /** What this wire answers for that refusal. */
  const looksLike = (route: DeclaredRoute, reply: Response, code: 'unauthenticated' | 'forbidden'): boolean => {
    const { name } = route.dialect!;
    if (name === 'web') return reply.body.code === (code === 'unauthenticated' ? 10003 : 10001);
    return reply.status === (code === 'unauthenticated' ? 401 : 403);
  };
  const titleOf = ({ method, path }: DeclaredRoute): string => `${method} ${path.replace(/:\w+/g, ':id')}`;

  it('is declared by every route, on a wire', () => {
    const undeclared = routes.filter(({ dialect, access }) => dialect === undefined || access === undefined);
    expect(undeclared).toEqual([]);
    expect(routes.length).toBeGreaterThan(60);
    if (process.env['PRINT_ROUTES']) {
      const table = routes.map((route) =>
        [route.dialect!.name, route.access, titleOf(route), route.handler].join('\t'),
      );
      console.log(table.sort((a, b) => a.localeCompare(b)).join('\n'));
    }
  });

  it('would catch a route that declares none, and one on no wire', async () => {
    @ApiV1('planted')
    class Planted {
      @Get('declared') @Public() declared(): void {}
      @Get('forgotten') forgotten(): void {}
    }
    @Controller('wireless')
    class Wireless {
      @Get() @Public() bare(): void {}
    }
    @Module({ controllers: [Planted, Wireless] })
    class PlantedModule {}
    const planted = await NestFactory.create(PlantedModule, { logger: false });
    const found = routesOf(planted).filter(({ dialect, access }) => dialect === undefined || access === undefined);
    expect(found.map(titleOf)).toEqual(['GET /api/v1/planted/forgotten', 'GET /wireless']);
    await planted.close();
  });

  it('is what Express serves too: no route beside the controllers', () => {
    const { router } = app.app.getHttpAdapter().getInstance() as { router: { stack: { route?: { path: string } }[] } };
    const served = router.stack.flatMap(({ route }) => (route ? [route.path] : []));
    expect(served.length).toBeGreaterThanOrEqual(routes.length);
    const declared = new Set(routes.map(({ path }) => path));
    const beside = served.filter((path) => !declared.has(path) && !path.startsWith('/docs'));
    expect(beside).toEqual([]);
  });

  it('is open to everybody only where this list says so', () => {
    const open = routes.filter(({ access }) => access === 0).map(titleOf);
    expect(open.filter((route) => !PUBLIC.has(route))).toEqual([]);
  });

  it('is refused without a login by every route that is not public', async () => {
    const passed: string[] = [];
    for (const route of routes.filter(({ access }) => access !== 0)) {
      if (!looksLike(route, await call(route), 'unauthenticated')) passed.push(titleOf(route));
    }
    expect(passed).toEqual([]);
  });

  it('is refused to a login without one of the bits, by every route that asks for some', async () => {
    const passed: string[] = [];
    for (const route of routes.filter(({ access }) => access !== 0 && access !== 7)) {
      for (const [permission, { token }] of users) {
        if ((permission & route.access!) !== 0) continue;
        if (!looksLike(route, await call(route, token), 'forbidden'))
          passed.push(`${titleOf(route)} for ${permission}`);
      }
    }
    expect(passed).toEqual([]);
  });
});
