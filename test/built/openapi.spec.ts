import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BuiltServer } from '../support/built-server.js';

const run = promisify(execFile);
const WIRES = ['api-v1', 'liveuser', 'web', 'open', 'operator'] as const;
const TSCONFIG = {
  compilerOptions: {
    strict: true,
    noUncheckedIndexedAccess: true,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: [],
    noEmit: true,
  },
  include: ['*.ts'],
};
/** What whoever writes a client of his own would write; each line compiles only when the documents say enough. */
const CLIENT = `
import createClient from 'openapi-fetch';
import type { paths as ApiV1 } from './api-v1.js';
import type { paths as Web } from './web.js';
import type { paths as Liveuser } from './liveuser.js';

const mall = createClient<ApiV1>({ baseUrl: 'http://localhost:3000' });
const { data: order } = await mall.GET('/api/v1/order/orderInfo', { params: { query: { order_id: 1 } } });
export const status: 1 | 2 | 3 | 4 | 5 | 6 | undefined = order?.data.now_status;
export const title: string | undefined = order?.data.product_and_count[0]?.products.title;
const { data: placed, error } = await mall.POST('/api/v1/order/generateOrder', {
  body: { product_ids: [1], transportation_price: 5.5, name: 'hhh', phone_number: '18089876534', address: '深圳' },
});
export const first: number | undefined = placed?.data.order_id[0];
export const refusal: string | undefined = error?.info;
// @ts-expect-error: a required field is missing
await mall.POST('/api/v1/cart/modifyProduct', { body: { productId: 3 } });

const web = createClient<Web>({ baseUrl: 'http://localhost:3000' });
const { data: products } = await web.GET('/products', { params: { query: { shop_id: 0 } } });
export const price: number | undefined = products && 'data' in products ? products.data[0]?.price : undefined;

const live = createClient<Liveuser>({ baseUrl: 'http://localhost:3000' });
const { data: created } = await live.POST('/liveuser/Order/Create', { body: { products: [{ product_id: '3', count: 2 }] } });
export const pay: number | undefined = created?.order.pay;
`;

describe('the OpenAPI documents', () => {
  const folder = mkdtempSync(join(tmpdir(), 'livemall-openapi-'));
  const schemas = new Map<string, Record<string, object>>();
  let server: BuiltServer;

  beforeAll(async () => {
    server = await BuiltServer.start(folder, {
      DATABASE_URL: `sqlite:${join(folder, 'openapi.sqlite')}`,
      JWT_SECRET: 'only-for-reading-documents',
      SIMULATOR_PORT: '0',
    });
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    for (const wire of WIRES) {
      const text = await (await fetch(`${server.url}/docs/${wire}.json`)).text();
      writeFileSync(join(folder, `${wire}.json`), text);
      schemas.set(wire, (JSON.parse(text) as { components: { schemas: Record<string, object> } }).components.schemas);
    }
  });
  afterAll(async () => {
    await server.end();
    rmSync(folder, { recursive: true, force: true });
  });

  const problemsOf = async (wire: string): Promise<string[]> => {
    const args = ['lint', join(folder, `${wire}.json`), '--format=json', '--max-problems=1000'];
    const { stdout } = await run('node_modules/.bin/redocly', args).catch((failed: { stdout: string }) => failed);
    const { problems } = JSON.parse(stdout) as { problems: { ruleId: string; location: { pointer: string }[] }[] };
    return problems.map(({ ruleId, location }) => `${ruleId} ${location[0]?.pointer}`);
  };

  it.each(WIRES)('%s passes a strict linter', async (wire) => {
    expect(await problemsOf(wire)).toEqual([]);
  });

  it('is refused by that linter when a schema does not fit its example', async () => {
    const broken = JSON.stringify({
      ...(JSON.parse(await (await fetch(`${server.url}/docs/operator.json`)).text()) as object),
      components: { schemas: { Planted: { type: 'integer', example: 'three' } } },
    });
    writeFileSync(join(folder, 'planted.json'), broken);
    expect((await problemsOf('planted')).join()).toContain('no-invalid-schema-examples');
  });

  it('say of every reply what it looks like: no object without properties', () => {
    const bare = [...schemas].flatMap(([wire, components]) =>
      Object.entries(components)
        .filter(([, schema]) => JSON.stringify(schema).includes('{"type":"object"}'))
        .map(([name]) => `${wire} ${name}`),
    );
    expect(bare).toEqual([]);
  });

  it('generate a client that compiles under strict', async () => {
    for (const wire of WIRES) {
      const output = ['--output', join(folder, `${wire}.d.ts`)];
      // A field with a default may be left out of a request.
      const args = [join(folder, `${wire}.json`), ...output, '--default-non-nullable=false'];
      await run('node_modules/.bin/openapi-typescript', args);
    }
    writeFileSync(join(folder, 'client.ts'), CLIENT);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    const compiled = run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', folder]);
    await expect(compiled.catch(({ stdout }: { stdout: string }) => stdout)).resolves.toMatchObject({ stdout: '' });
  });
});
