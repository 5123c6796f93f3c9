import { expect } from '@jest/globals';
import type { Response, Test } from 'supertest';

/** Values that no id may have; each is sent in place of a good one. */
export const NO_IDS: readonly unknown[] = [0, -1, 1.5, '1e2', ' 1', '', 'x', '0x10', 2 ** 53, null, true, [], [1], {}];
/** Values that no text may have, whatever its length. */
export const NO_TEXTS: readonly unknown[] = [1, null, true, [], {}, ['a'], 'a\0b', '\ud800'];

/** The envelope of a success; answers its `data`. */
export function succeeded(reply: Response): Record<string, unknown> {
  expect({ status: reply.status, body: reply.body }).toEqual({
    status: 200,
    body: { success: true, info: '', data: expect.any(Object) },
  });
  return (reply.body as { data: Record<string, unknown> }).data;
}

/** The envelope of a refusal; answers its `info`. */
export function refused(reply: Response, status: number, info?: string): string {
  expect({ status: reply.status, body: reply.body }).toEqual({
    status,
    body: { success: false, info: info ?? expect.any(String), data: null },
  });
  const { info: given } = reply.body as { info: string };
  expect(given).not.toBe('');
  if (status !== 401) expect(['auth error', 'invalid token']).not.toContain(given);
  return given;
}

/** No header, a malformed one and a bad token, told apart by the two texts on which clients log the user out. */
export async function refusesStrangers(call: () => Test): Promise<void> {
  refused(await call(), 401, 'auth error');
  refused(await call().set('Authorization', 'Bearer'), 401, 'auth error');
  refused(await call().set('Authorization', 'Bearer undefined'), 401, 'invalid token');
}

/** `good` without each of its fields, then with each bad value of each field, comes out as 400. */
export async function refusesParameters(
  call: (body: Record<string, unknown>) => PromiseLike<Response>,
  good: Readonly<Record<string, unknown>>,
  bad: Readonly<Record<string, readonly unknown[]>>,
): Promise<void> {
  for (const [field, values] of Object.entries(bad)) {
    const { [field]: _, ...without } = good;
    expect(refused(await call(without), 400)).toContain(field);
    for (const value of values) expect(refused(await call({ ...good, [field]: value }), 400)).toContain(field);
  }
}
