import { expect, it } from '@jest/globals';
import type request from 'supertest';
import type { TestApp } from './app.js';

type Parameters = Record<string, unknown>;

export interface FieldRule {
  /** Its absence is refused. */
  readonly required?: boolean;
  /** Values that are refused, see {@link wrong}. */
  readonly values: readonly unknown[];
}

export interface RouteRule {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Of a caller who may; null for a public route. */
  readonly token: (() => string) | null;
  /** Of callers whose permission is not enough. */
  readonly forbidden?: () => readonly string[];
  /** What would be accepted. */
  readonly parameters?: () => Parameters;
  readonly fields?: Readonly<Record<string, FieldRule>>;
}

const NO_NUMBER = ['', 'abc', '1e3', ' 1', '0x10', 1.5, '1.5', true, null, {}, [1]];
const NO_TEXT = [1, true, null, {}, ['a'], 'a\0b', '\ud800'];

/** Values that no field of that kind takes: wrong types and values just past the bounds. */
export const wrong = {
  id: [...NO_NUMBER, 0, -1, 2 ** 53, '9007199254740993'],
  integer: (min: number, max: number): unknown[] => [...NO_NUMBER, min - 1, max + 1],
  text: (min: number, max: number): unknown[] => [
    ...NO_TEXT,
    'x'.repeat(max + 1),
    ...(min > 0 ? ['x'.repeat(min - 1)] : []),
  ],
  /** Bounds in yuan. */
  yuan: (min: number, max: number): unknown[] => {
    const past = [(min * 100 - 1) / 100, (max * 100 + 1) / 100, 1e300];
    return ['', 'abc', '1e3', ' 1', true, null, {}, [1], 1.005, '1.234', -1, '-1', ...past];
  },
  idList: (min: number, max: number): unknown[] => {
    const long = Array.from({ length: max + 1 }, (_, index) => index + 1);
    const lists = ['', '1', 1, true, null, {}, { 0: 1 }, ['abc'], [0], [-1], [1.5], [null], [[1]], long];
    return min > 0 ? [...lists, []] : lists;
  },
  pictureUrl: [...NO_TEXT, 'javascript:alert(1)', 'data:text/html,x', `http://x/${'x'.repeat(1024)}`],
  from: [...NO_NUMBER, -1, 2 ** 53],
  length: [...NO_NUMBER, 0, -1, 2 ** 53],
} as const;

/** A GET carries numbers and texts in the query, as clients do, and what a query cannot say in a JSON body. */
function send(app: TestApp, { method, path }: RouteRule, parameters: Parameters, token?: string): request.Test {
  if (method === 'POST') return app.post(path, parameters, token);
  const entries = Object.entries(parameters);
  const sayable = entries.filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  const rest = entries.filter(([, value]) => typeof value !== 'string' && typeof value !== 'number');
  const call = app.get(path, Object.fromEntries(sayable), token);
  return rest.length > 0 ? call.send(Object.fromEntries(rest)) : call;
}

/** Declares the api-v1 tests of access and parameters that every route has; refusals must change nothing, so the caller may compare. */
export function itRefuses(app: () => TestApp, rule: RouteRule): void {
  const name = `${rule.method} ${rule.path.replace('/api/v1/', '')}`;
  if (rule.token) itAsksForALogin(app, rule, name);
  else itIgnoresABadToken(app, rule, name);
  if (rule.forbidden) {
    it(`${name} is closed to other permissions`, async () => {
      for (const token of rule.forbidden!()) {
        const reply = await send(app(), rule, rule.parameters?.() ?? {}, token);
        expect([reply.status, reply.body]).toEqual([403, { success: false, info: 'permission denied', data: null }]);
      }
    });
  }
  for (const [field, { required, values }] of Object.entries(rule.fields ?? {})) {
    it(`${name} refuses a wrong ${field}${required ? ' and its absence' : ''}`, async () => {
      const { [field]: _, ...others } = rule.parameters?.() ?? {};
      const attempts = values.map((value) => ({ ...others, [field]: value }));
      for (const parameters of required ? [others, ...attempts] : attempts) {
        const reply = await send(app(), rule, parameters, rule.token?.());
        const seen = { sent: parameters[field], status: reply.status, body: reply.body };
        const info = expect.stringContaining(field) as unknown as string;
        expect(seen).toEqual({ sent: parameters[field], status: 400, body: { success: false, info, data: null } });
      }
    });
  }
}

function itAsksForALogin(app: () => TestApp, rule: RouteRule, name: string): void {
  it(`${name} answers "auth error" without a token and "invalid token" for a bad one`, async () => {
    const parameters = rule.parameters?.() ?? {};
    const without = await send(app(), rule, parameters);
    expect([without.status, without.body]).toEqual([401, { success: false, info: 'auth error', data: null }]);
    const genuine = rule.token!();
    for (const token of ['undefined', 'a.b.c', `${genuine.slice(0, -3)}AAA`]) {
      const reply = await send(app(), rule, parameters, token);
      expect([reply.status, reply.body]).toEqual([401, { success: false, info: 'invalid token', data: null }]);
    }
  });
}

function itIgnoresABadToken(app: () => TestApp, rule: RouteRule, name: string): void {
  it(`${name} is public and ignores a bad token`, async () => {
    for (const token of [undefined, 'undefined']) {
      const reply = await send(app(), rule, rule.parameters?.() ?? {}, token);
      expect([reply.status, (reply.body as { success: boolean }).success]).toEqual([200, true]);
    }
  });
}
