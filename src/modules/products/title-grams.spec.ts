import { describe, expect, it } from '@jest/globals';
import { assert, constantFrom, property, string } from 'fast-check';
import { foldTitle, gramsOfKey, gramsOfTitle } from './title-grams.js';

const text = string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((value) => value.isWellFormed());

describe('title grams', () => {
  it('every key has grams, and every title that contains the key has them all', () => {
    assert(
      property(text, text, text, (before, key, after) => {
        const { grams } = gramsOfKey(foldTitle(key));
        expect(grams.length).toBeGreaterThan(0);
        const ofTitle = new Set(gramsOfTitle(foldTitle(before) + foldTitle(key) + foldTitle(after)));
        expect(grams.every((gram) => ofTitle.has(gram))).toBe(true);
      }),
    );
  });

  it('an exact key is contained wherever its grams are', () => {
    const short = string({ unit: constantFrom('鸡', '小', '🐷', 'a', ' '), minLength: 1, maxLength: 2 });
    const title = string({ unit: constantFrom('鸡', '小', '🐷', 'a', ' '), minLength: 1, maxLength: 8 });
    assert(
      property(short, title, (key, name) => {
        const { grams, exact } = gramsOfKey(key);
        const ofTitle = new Set(gramsOfTitle(name));
        expect([exact, grams.every((gram) => ofTitle.has(gram))]).toEqual([true, name.includes(key)]);
      }),
    );
  });

  it('grams are safe integers that no two texts share', () => {
    const point = string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((value) => value !== '\0');
    assert(
      property(point, point, point, point, (a, b, c, d) => {
        const gram = (key: string): number => gramsOfKey(key).grams[0];
        expect(Number.isSafeInteger(gram(a + b))).toBe(true);
        expect(gram(a + b) === gram(c + d)).toBe(a + b === c + d);
        expect(gram(a) === gram(a + b)).toBe(false);
      }),
    );
  });
});
