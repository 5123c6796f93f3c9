import { describe, expect, it } from '@jest/globals';
import { byCount, padded, paddedParts, placeholders, repeated } from '../../src/database/sql.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('a list in a statement', () => {
  it('is padded to a power of two by its last value', () => {
    expect(padded([])).toEqual([]);
    expect(padded([7])).toEqual([7]);
    expect(padded([1, 2, 3])).toEqual([1, 2, 3, 3]);
    expect(padded(upTo(4))).toEqual(upTo(4));
    expect(padded(upTo(5))).toEqual([...upTo(5), 5, 5, 5]);
  });

  it('has few lengths, and at most 1024 values', () => {
    const lengths = new Set(upTo(1024).map((count) => padded(upTo(count)).length));
    expect([...lengths]).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]);
    expect(() => padded(upTo(1025))).toThrow('1025 values in one statement');
  });

  it('is cut into lists of at most 1024 where it has no bound of its own', () => {
    expect(paddedParts([])).toEqual([]);
    expect(paddedParts([1, 2, 3])).toEqual([[1, 2, 3, 3]]);
    expect(paddedParts(upTo(2050)).map((part) => [part[0], part.length])).toEqual([
      [1, 1024],
      [1025, 1024],
      [2049, 2],
    ]);
  });

  it('gives a text its placeholders, and repeats a part for each value', () => {
    expect(placeholders(padded([]).length)).toBe('');
    expect(placeholders(padded([1]).length)).toBe('?');
    expect(placeholders(padded([1, 2, 3]).length)).toBe('?, ?, ?, ?');
    expect(repeated('(a = ? AND b = ?)', ' OR ', padded([1, 2]).length)).toBe('(a = ? AND b = ?) OR (a = ? AND b = ?)');
    expect(repeated('x', '', padded([]).length)).toBe('');
  });

  it('is put together once for each length', () => {
    let made = 0;
    const text = byCount((count) => `${(made += 1)}: ${placeholders(count)}`);
    expect([3, 4, 3].map((count) => text(padded(upTo(count)).length))).toEqual(Array(3).fill('1: ?, ?, ?, ?'));
    expect(text(padded([1]).length)).toBe('2: ?');
  });

  it('has no length that was not padded: the compiler refuses it', () => {
    const ids = [1, 2, 3];
    // @ts-expect-error a number is no ListLength
    expect(placeholders(ids.length)).toBe('?, ?, ?');
    // @ts-expect-error as above
    expect(byCount(placeholders)(3)).toBe('?, ?, ?');
  });
});
