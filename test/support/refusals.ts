import { expect, it } from '@jest/globals';
import type request from 'supertest';
import { refused } from './api-v1.js';
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

const NO_NUMBER = ['', 'x', 'abc', '1e2', '1e3', ' 1', '0x10', 1.5, '1.5', true, null, {}, [], [1]];
/** Of 1, which is no id in any of them: an id is canonical decimal text. */
export const OTHER_SPELLINGS = ['01', '001', '+1', '1.0', '1 ', '１', '1n', '%31'];
const NO_TEXT = [1, true, null, {}, [], ['a'], 'a\0b', '\ud800'];

/** Values that no field of that kind takes: wrong types and values just past the bounds. */
export const wrong = {
  id: [...NO_NUMBER, 0, -1, 2 ** 53, '9007199254740993', ...OTHER_SPELLINGS],
  integer: (min: number, max: number): unknown[] => [...NO_NUMBER, min - 1, max + 1],
  text: (min: number, max: number): unknown[] => [
    ...NO_TEXT,
    'x'.repeat(max + 1),
    '由'.repeat(max + 1),
    ...(min > 0 ? ['x'.repeat(min - 1)] : []),
  ],
  /** Bounds in yuan. */
  yuan: (min: number, max: number): unknown[] => {
    const past = [(min * 100 - 1) / 100, (max * 100 + 1) / 100, 2 ** 31, 1e300];
    const noAmount = ['', 'x', 'abc', '1e2', '1e3', ' 1', '1,5', true, null, {}, [], [1]];
    return [...noAmount, 0.001, 1.005, 1.155, '1.234', -1, '-1', ...past];
  },
  idList: (min: number, max: number): unknown[] => {
    const long = Array.from({ length: max + 1 }, (_, index) => index + 1);
    const lists = ['', '1', 1, true, null, {}, { 0: 1 }, ['x'], ['abc'], [0], [-1], [1.5], [null], [[1]], long];
    return min > 0 ? [...lists, []] : lists;
  },
  pictureUrl: [...NO_TEXT, 'javascript:alert(1)', 'data:text/html,x', `http://x/${'x'.repeat(1024)}`],
  from: [...NO_NUMBER, -1, 2 ** 53],
  length: [...NO_NUMBER, 0, -1, 2 ** 53],
} as const;

/**
 * No header and a malformed one are "auth error", a bad token is "invalid token": the two texts on which clients log the user
 * out. `genuine` is a token to spoil.
 */
export async function refusesStrangers(call: () => request.Test, genuine?: string): Promise<void> {
  refused(await call(), 401, 'auth error');
  refused(await call().set('Authorization', 'Bearer'), 401, 'auth error');
  const spoilt = genuine === undefined ? [] : [`${genuine.slice(0, -3)}AAA`];
  for (const token of ['undefined', 'a.b.c', ...spoilt]) {
    refused(await call().set('Authorization', `Bearer ${token}`), 401, 'invalid token');
  }
}

/** `good` without each of the fields in `bad`, then with each bad value of it, comes out as a 400 that names the field. */
export async function refusesParameters(
  call: (parameters: Parameters) => PromiseLike<request.Response>,
  good: Readonly<Parameters>,
  bad: Readonly<Record<string, readonly unknown[]>>,
): Promise<void> {
  for (const [field, values] of Object.entries(bad)) await refusesField(call, good, field, { required: true, values });
}

async function refusesField(
  call: (parameters: Parameters) => PromiseLike<request.Response>,
  good: Readonly<Parameters>,
  field: string,
  { required, values }: FieldRule,
): Promise<void> {
  const { [field]: _, ...others } = good;
  const attempts = values.map((value) => ({ ...others, [field]: value }));
  for (const parameters of required ? [others, ...attempts] : attempts) {
    const { status, body } = await call(parameters);
    const info = expect.stringContaining(field) as unknown as string;
    const sent = parameters[field];
    expect({ sent, status, body }).toEqual({ sent, status: 400, body: { success: false, info, data: null } });
    expect(['auth error', 'invalid token']).not.toContain((body as { info: string }).info);
  }
}

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
      const call = (parameters: Parameters) => send(app(), rule, parameters, rule.token?.());
      await refusesField(call, rule.parameters?.() ?? {}, field, { required: required ?? false, values });
    });
  }
}

function itAsksForALogin(app: () => TestApp, rule: RouteRule, name: string): void {
  it(`${name} answers "auth error" without a token and "invalid token" for a bad one`, async () => {
    await refusesStrangers(() => send(app(), rule, rule.parameters?.() ?? {}), rule.token!());
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
