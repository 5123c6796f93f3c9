import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { callersOf } from '../support/callers.js';

/** The one place from which WeChat is called. */
const CALL = 'src/integrations/wechat/outgoing.ts Outgoing.send';
/** What WeChat itself sends, and signs: a limit would lock it out. */
const OF_WECHAT = ['PaymentsWechatController.receive', 'PostpayWechatController.postpay'];

interface Route {
  readonly handler: string;
  readonly limit: string;
}

/** The table that docs/routes.md is, which a test of its own holds to what controllers declare. */
function routes(): Route[] {
  const rows = readFileSync('docs/routes.md', 'utf8').matchAll(
    /^\| (?:GET|POST) \|[^|]*\|[^|]*\|([^|]*)\| `([\w.]+)` \|$/gm,
  );
  return [...rows].map(([, limit, handler]) => ({ handler, limit: limit.trim() }));
}

describe('routes that can come to a call of WeChat', () => {
  let calling: Route[];

  beforeAll(() => {
    const handlers = new Set([...callersOf(CALL)].map((unit) => unit.split(' ')[1]));
    calling = routes().filter(({ handler }) => handlers.has(handler));
  });

  it('come to it through one place: nothing else in the source fetches', () => {
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
    const fetching = files.filter((path) => /\b(?:await|return|=) fetch\(/.test(readFileSync(`src/${path}`, 'utf8')));
    expect(fetching.filter((path) => !path.startsWith('simulator/')).map((path) => `src/${path}`)).toEqual([
      CALL.split(' ')[0],
    ]);
  });

  it('are found, those that call it by way of an abstract class too, and others are not', () => {
    const handlers = calling.map(({ handler }) => handler);
    expect(handlers).toEqual(
      expect.arrayContaining([
        'AuthApiV1Controller.code',
        'AuthApiV1Controller.bindPhone',
        'PaymentsApiV1Controller.pay',
        'PaymentsApiV1Controller.payment',
        'OrdersApiV1Controller.cancel',
        ...OF_WECHAT,
      ]),
    );
    for (const other of ['OrdersApiV1Controller.generateOrder', 'CartApiV1Controller.addProduct']) {
      expect(handlers).not.toContain(other);
    }
  });

  it('are all limited, but for what WeChat itself sends', () => {
    const free = calling.filter(({ limit }) => limit === '').map(({ handler }) => handler);
    expect(free.toSorted()).toEqual(OF_WECHAT.toSorted());
  });
});
