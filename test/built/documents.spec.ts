import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BuiltServer } from '../support/built-server.js';

interface Example {
  readonly value?: Record<string, unknown>;
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: { readonly name: string; readonly in: string; readonly schema?: object }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema?: object }> };
  readonly responses: Record<
    string,
    { readonly content?: Record<string, { readonly examples?: Record<string, Example> }> }
  >;
  readonly security?: object[];
  readonly 'x-permission'?: number;
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object>; readonly securitySchemes: object };
}

const WIRES = ['api-v1', 'liveuser', 'web', 'open', 'operator'] as const;
/** The chapters of the published documents: what must be served under each wire. */
const DOCUMENTED: Readonly<Record<string, string>> = {
  'api-v1': `GET user/code, GET user/validate, GET user/profile, POST user/modifyPermission,
    POST address/addAddress, POST address/modifyAddress, POST address/deleteAddress, GET address/address,
    POST address/modifyDefault, GET address/default, POST shop/addProduct, POST shop/updateProduct, GET shop/product,
    GET shop/ownerProducts, POST shop/dropProduct, POST shop/putProduct, GET cart/userProducts, GET cart/inCart,
    POST cart/getCart, POST cart/addProduct, POST cart/reduceProduct, POST cart/modifyProduct, GET product/tabList,
    GET product/tabProducts, POST product/tabModify, POST product/tabAdd, POST product/tabDelete,
    POST product/modifyHomeTab, POST product/modifyHomePicture, GET product/homePicture, GET product/homeTab,
    POST order/generateOrder, GET order/userOrder, GET order/orderInfo, GET order/shopOrder, POST order/deleteOrder,
    POST order/changeStatus, POST order/addTrackingNumber, POST comment/add, GET comment/product, POST comment/delete,
    POST search`,
  liveuser: `POST User/Set, POST User/Get, POST User/AddUser, POST User/QueryUser, POST Wx/Login, POST Wx/RenewToken,
    POST Wx/Prepay, POST Wx/Postpay, POST Order/Create, POST Order/List`,
  open: 'POST v0/thGetToken, POST finanv0/orderSuccess, POST finanv0/changeGold, POST finanv0/getUserTokens',
};

describe('the documents of the built server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'livemall-docs-'));
  const documents = new Map<string, Document>();
  let server: BuiltServer;
  let url: string;

  beforeAll(async () => {
    server = await BuiltServer.start(folder, {
      DATABASE_URL: `sqlite:${join(folder, 'docs.sqlite')}`,
      JWT_SECRET: 'only-for-reading-documents',
      SIMULATOR_PORT: '0',
    });
    ({ url } = server);
    for (const wire of WIRES) {
      documents.set(wire, (await (await fetch(`${url}/docs/${wire}.json`)).json()) as Document);
    }
  });
  afterAll(async () => {
    await server.end();
    rmSync(folder, { recursive: true, force: true });
  });

  const operationsOf = (wire: string): [route: string, operation: Operation][] =>
    Object.entries(documents.get(wire)!.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]): [string, Operation] => [
        `${method.toUpperCase()} ${path}`,
        operation,
      ]),
    );
  const routesWithout = (wire: string, has: (operation: Operation, route: string) => unknown): string[] =>
    operationsOf(wire).flatMap(([route, operation]) => (has(operation, route) ? [] : [route]));

  describe.each(WIRES)('%s', (wire) => {
    it('passes an OpenAPI validator', async () => {
      const { valid, errors } = await new Validator().validate(
        structuredClone(documents.get(wire)) as unknown as Record<string, unknown>,
      );
      expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
    });

    it('gives every route a title, a sentence, its permission and unlike names', () => {
      expect(routesWithout(wire, ({ summary }) => summary && summary.length > 1)).toEqual([]);
      expect(routesWithout(wire, ({ description }) => /Access: [a-z ]+\.$/.test(description ?? ''))).toEqual([]);
      expect(routesWithout(wire, (operation) => operation['x-permission'] !== undefined)).toEqual([]);
      if (wire === 'operator') return;
      expect(routesWithout(wire, ({ summary }) => /\p{Script=Han}|POST|GET/u.test(summary!))).toEqual([]);
      expect(routesWithout(wire, ({ description }) => /[A-Z][^\n]*\n\nAccess/.test(description!))).toEqual([]);
    });

    it('asks for a login exactly where the route does', () => {
      expect(routesWithout(wire, (operation) => !!operation['x-permission'] === !!operation.security?.length)).toEqual(
        [],
      );
    });

    it('shows examples of success and of every refusal, in the envelope of the wire', () => {
      if (wire === 'operator') return;
      const examplesOf = ({ responses }: Operation): Example[] =>
        Object.values(responses).flatMap(({ content }) =>
          Object.values(content ?? {}).flatMap(({ examples }) => Object.values(examples ?? {})),
        );
      expect(routesWithout(wire, (operation) => operation.responses['200'] ?? operation.responses['204'])).toEqual([]);
      expect(routesWithout(wire, (operation) => examplesOf(operation).length > 0)).toEqual([]);
      expect(
        routesWithout(wire, (operation) => !operation['x-permission'] || examplesOf(operation).length >= 2),
      ).toEqual([]);
      const envelope: Record<string, (value: Record<string, unknown>) => boolean> = {
        'api-v1': (value) => 'success' in value || 'code' in value,
        liveuser: () => true,
        web: (value) => typeof value['code'] === 'number',
        open: (value) => typeof value['status'] === 'string',
      };
      const odd = operationsOf(wire).filter(([, operation]) =>
        examplesOf(operation).some(({ value }) => value !== undefined && !envelope[wire](value)),
      );
      expect(odd.map(([route]) => route)).toEqual([]);
    });

    it('describes every parameter by a schema', () => {
      const bare = operationsOf(wire).filter(([, { parameters, requestBody }]) => {
        const contents = Object.values(requestBody?.content ?? {});
        return (parameters ?? []).some(({ schema }) => !schema) || contents.some(({ schema }) => !schema);
      });
      expect(bare.map(([route]) => route)).toEqual([]);
      expect(routesWithout(wire, ({ requestBody }, route) => !route.startsWith('GET') || !requestBody)).toEqual([]);
    });
  });

  it.each(Object.entries(DOCUMENTED))('%s serves every route of its published document', (wire, list) => {
    const prefix = wire === 'api-v1' ? '/api/v1/' : `/${wire}/`;
    const routes = list.split(',').map((route) => route.trim().replace(' ', ` ${prefix}`));
    const served = new Set(operationsOf(wire).map(([route]) => route));
    expect(routes.filter((route) => !served.has(route))).toEqual([]);
  });

  it('hides no wire from the page, and nothing of ours in the documents', async () => {
    const page = await (await fetch(`${url}/docs`)).text();
    expect(page).toContain('swagger-ui');
    const script = await (await fetch(`${url}/docs/swagger-ui-init.js`)).text();
    for (const wire of WIRES) expect(script).toContain(`/docs/${wire}.json`);
    expect(JSON.stringify([...documents.values()])).not.toMatch(/x-doc|INPUT_INDEX|\/work\/|node_modules/);
  });
});
