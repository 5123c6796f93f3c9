import { describe, expect, it } from '@jest/globals';
import type { Clock } from '../../../common/clock.js';
import type { Config } from '../../../config/config.js';
import { CheckSchedule } from './check-schedule.js';

const config = { jobs: { reconcileLadder: [5, 15, 30] } } as unknown as Config;
const scheduleAt = (now: number): CheckSchedule => new CheckSchedule(config, { now: () => now } as Clock);

describe('the ladder', () => {
  it('steps up and repeats its last step', () => {
    expect([0, 1, 2, 3, 99].map((checks) => scheduleAt(1000).next(checks))).toEqual([
      6000, 16_000, 31_000, 31_000, 31_000,
    ]);
  });

  it('does not step over the end of the attempt, and goes on after it', () => {
    expect(scheduleAt(0).next(2, 20_000)).toBe(20_000);
    expect(scheduleAt(20_000).next(2, 20_000)).toBe(50_000);
  });
});
