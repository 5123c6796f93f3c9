import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { isUnusable } from './errors.js';
import { STATEMENT_TIMEOUT, watched } from './statement-timeout.js';

describe('the time that a statement may take', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const given: unknown[] = [];
  const begin = (name: string): (() => void) => watched((error) => given.push([name, isUnusable(error)]));

  it('ends for each by itself, and never for one that has ended', async () => {
    const endFirst = begin('first');
    begin('second');
    await jest.advanceTimersByTimeAsync(STATEMENT_TIMEOUT / 2);
    begin('third');
    endFirst();
    await jest.advanceTimersByTimeAsync(STATEMENT_TIMEOUT / 2 - 1);
    expect(given).toEqual([]);
    await jest.advanceTimersByTimeAsync(300);
    expect(given).toEqual([['second', true]]);
    await jest.advanceTimersByTimeAsync(STATEMENT_TIMEOUT / 2);
    expect(given).toEqual([
      ['second', true],
      ['third', true],
    ]);
    expect(jest.getTimerCount()).toBe(0);
  });
});
