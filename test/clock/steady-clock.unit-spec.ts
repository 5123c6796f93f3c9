import { beforeEach, describe, expect, it } from '@jest/globals';
import { SteadyClock } from '../../src/common/time/steady-clock.js';
import { TestClock } from '../support/clock.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;

let machine: TestClock;
let clock: SteadyClock;
let start: number;
/** Ticks of five seconds; `database` is by how much its clock is ahead of the machine's at the start. */
function pass(milliseconds: number, database: number | null = null): void {
  for (let left = milliseconds; left > 0; left -= 5000) {
    machine.advance(Math.min(left, 5000));
    clock.follow(database === null ? null : start + passed() + database);
  }
}
const passed = (): number => machine.monotonic() - 1_000_000;
/** How far the time is from what has really passed. */
const error = (): number => clock.now() - start - passed();

beforeEach(() => {
  machine = new TestClock();
  clock = new SteadyClock(machine);
  start = machine.now();
});

describe('without another clock', () => {
  it.each([HOUR, -HOUR, 25 * HOUR, 5000])(
    'a jump by %d ms changes nothing, and it is over when it is taken back',
    (jump) => {
      clock.follow(null);
      machine.jump(jump);
      expect([error(), clock.machineAhead]).toEqual([0, jump]);
      pass(4 * MINUTE);
      expect([error(), clock.isSettled]).toEqual([0, false]);
      machine.jump(-jump);
      pass(5 * MINUTE + 5000);
      expect([error(), clock.isSettled]).toEqual([0, true]);
    },
  );

  it('a jump that lasts is followed after five minutes, and what goes by age waits for an hour more', () => {
    clock.follow(null);
    machine.jump(8 * HOUR);
    pass(5 * MINUTE);
    expect(error()).toBe(0);
    pass(5000);
    expect([error(), clock.isSettled]).toEqual([8 * HOUR, false]);
    pass(HOUR - 5000);
    expect(clock.isSettled).toBe(false);
    pass(5000);
    expect([error(), clock.isSettled]).toEqual([8 * HOUR, true]);
  });

  it('a clock that jumps again and again is never followed', () => {
    clock.follow(null);
    for (let count = 0; count < 30; count += 1) {
      machine.jump(count % 2 === 0 ? HOUR : -2 * HOUR);
      pass(MINUTE);
    }
    expect([error(), clock.isSettled]).toEqual([0, false]);
  });

  it('small corrections are followed at once', () => {
    clock.follow(null);
    machine.jump(2000);
    expect(clock.follow(null)).toBe(2000);
    expect([error(), clock.isSettled]).toEqual([2000, true]);
    machine.jump(50);
    expect(clock.follow(null)).toBe(0);
  });
});

describe("with the database's clock", () => {
  it('it is that one from the first look on, whatever the machine says', () => {
    expect(clock.follow(start - 25 * HOUR)).toBe(-25 * HOUR);
    expect([error(), clock.machineAhead, clock.isSettled]).toEqual([-25 * HOUR, 25 * HOUR, true]);
  });

  it('a jump of the machine is nothing to it', () => {
    clock.follow(start);
    machine.jump(25 * HOUR);
    pass(10 * MINUTE, 0);
    expect([error(), clock.isSettled]).toEqual([0, true]);
  });

  it('a jump of the database alone is not followed before it has lasted', () => {
    clock.follow(start);
    pass(4 * MINUTE, HOUR);
    expect([error(), clock.isSettled]).toEqual([0, false]);
    pass(2 * MINUTE, HOUR);
    expect([error(), clock.isSettled]).toEqual([HOUR, false]);
  });

  it('time that both clocks say has passed while the process was paused is taken at once', () => {
    clock.follow(start);
    machine.jump(HOUR);
    expect(clock.follow(start + HOUR)).toBe(HOUR);
    expect([error(), clock.isSettled]).toEqual([HOUR, true]);
  });
});
