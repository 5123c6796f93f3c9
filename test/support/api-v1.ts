import { expect } from '@jest/globals';
import type { Response } from 'supertest';

/** The envelope of a success; returns its `data`. */
export function succeeded(reply: Response): Record<string, unknown> {
  expect({ status: reply.status, body: reply.body }).toEqual({
    status: 200,
    body: { success: true, info: '', data: expect.any(Object) },
  });
  return (reply.body as { data: Record<string, unknown> }).data;
}

/** The envelope of a refusal; returns its `info`. */
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
