import { jest } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import type { TestApp } from './app.js';

/** The SELECTs outside transactions that `action` causes: what a list costs. */
export async function readsOf(app: TestApp, action: () => PromiseLike<unknown>): Promise<string[]> {
  const spy = jest.spyOn(app.app.get(Database), 'read');
  try {
    await action();
    return spy.mock.calls.map(([sql]) => sql);
  } finally {
    spy.mockRestore();
  }
}
