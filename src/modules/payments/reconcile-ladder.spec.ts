import { describe, expect, it } from '@jest/globals';
import { nextCheck } from './reconcile-ladder.js';

const LADDER = [5, 15, 30];

describe('the ladder', () => {
  it('steps up and repeats its last step', () => {
    expect([0, 1, 2, 3, 99].map((checks) => nextCheck(LADDER, checks, 1000))).toEqual([
      6000, 16_000, 31_000, 31_000, 31_000,
    ]);
  });

  it('does not step over the end of the attempt, and goes on after it', () => {
    expect(nextCheck(LADDER, 2, 0, 20_000)).toBe(20_000);
    expect(nextCheck(LADDER, 2, 20_000, 20_000)).toBe(50_000);
  });
});
