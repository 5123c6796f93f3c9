import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { beforeAll, expect, it } from '@jest/globals';
import request, { type Response, type Test } from 'supertest';
import { ApiV1, Public } from '../../src/protocols/decorators.js';
import type { TestUser } from '../support/app.js';
import { describeMall } from '../support/stage.js';
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
  'GET /account/signout',
  'GET /products',
  'GET /product/:id',
  'GET /payment_items',
  'POST /payment_item/:id',
  'GET /docs/open/sign',
  'GET /docs/open/sign.js',
  'GET /docs/open/sign.css',
  'GET /health/live',
  'GET /health/ready',
]);

const nonceOf = (now: Date): string => `abcdefgh${Math.floor(now.getTime() / 1000)}abcdefgh`;

describeMall('access', ({ app }) => {
  let routes: DeclaredRoute[];
  const users = new Map<number, TestUser>();

  beforeAll(async () => {
    routes = routesOf(app.app);
    for (const permission of [1, 2, 4, 7]) users.set(permission, await app.login(`bits${permission}`, permission));
  });

  const call = ({ method, path }: DeclaredRoute, token?: string): Test => {
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
        [route.dialect!.name, JSON.stringify(route.access), titleOf(route), route.handler].join('\t'),
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
    const open = routes.filter(({ access }) => access!.kind === 'public').map(titleOf);
    expect(open.toSorted()).toEqual([...PUBLIC].toSorted());
  });

  it('is refused without a login by every route that is not public', async () => {
    const passed: string[] = [];
    for (const route of routes.filter(({ access }) => access!.kind === 'login')) {
      if (!looksLike(route, await call(route), 'unauthenticated')) passed.push(titleOf(route));
    }
    expect(passed).toEqual([]);
  });

  it("is refused without a partner's signature by every route of the open wire, whatever else the caller has", async () => {
    const signed = routes.filter(({ dialect }) => dialect!.name === 'open');
    expect(signed.length).toBeGreaterThanOrEqual(5);
    const { token } = users.get(7)!;
    const wrong = { app_id: app.config.linkv!.appId, nonce_str: nonceOf(new Date()), sign: 'f'.repeat(32) };
    for (const route of signed) {
      expect([titleOf(route), route.access]).toEqual([titleOf(route), { kind: 'signed', strategy: 'linkv' }]);
      const statuses = [await call(route), await call(route, token), await call(route).query(wrong)].map(
        ({ text }) => (JSON.parse(text) as { status: string }).status,
      );
      expect([titleOf(route), statuses]).toEqual([titleOf(route), ['400', '400', '403']]);
    }
  });

  it("is the operator's alone for metrics", async () => {
    const operated = routes.filter(({ access }) => access!.kind === 'signed' && access!.strategy === 'operator');
    expect(operated.map(titleOf)).toEqual(['GET /metrics']);
    expect((await call(operated[0])).status).toBe(200);
  });

  it('is refused to a login without one of the bits, by every route that asks for some', async () => {
    const passed: string[] = [];
    for (const route of routes) {
      for (const [permission, { token }] of users) {
        if (route.access!.kind !== 'login' || (permission & route.access!.bits) !== 0) continue;
        if (!looksLike(route, await call(route, token), 'forbidden'))
          passed.push(`${titleOf(route)} for ${permission}`);
      }
    }
    expect(passed).toEqual([]);
  });
});
