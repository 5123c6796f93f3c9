import type { Bounds } from './cases.js';
import type { Round } from './load/rounds.js';

/** What a case came to; rates are per second, times milliseconds, CPU microseconds per request. */
export interface Result {
  readonly name: string;
  readonly title: string;
  readonly rate: number;
  readonly floorRate: number;
  /** Of the medians. */
  readonly ratio: number;
  /** Of each pair of rounds the lowest and the highest. */
  readonly spread: readonly [number, number];
  readonly p50: number;
  readonly p99: number;
  readonly cpu: number | null;
  readonly floorCpu: number | null;
  readonly databaseCpu: number | null;
  /** Megabytes after the load. */
  readonly resident: number | null;
  readonly roundTrips: number | null;
  readonly bounds: Bounds | null;
  /** Why its requests did not count. */
  readonly failure: string | null;
}

/** A measure of its own, not beside a floor. */
export interface Measure {
  readonly name: string;
  readonly title: string;
  readonly value: number;
  readonly unit: string;
  readonly most: number;
}

export interface Report {
  readonly machine: string;
  readonly node: string;
  readonly database: string;
  readonly how: string;
  /** What the floor was: empty for the hand-written ones, or the checkout of `--against`. */
  readonly against: string | null;
  readonly results: readonly Result[];
  readonly measures: readonly Measure[];
}

export type Verdict = 'failed' | 'missed' | 'least met' | 'goal met' | '-';

export function verdictOf({ failure, bounds, ratio }: Pick<Result, 'failure' | 'bounds' | 'ratio'>): Verdict {
  if (failure !== null) return 'failed';
  if (bounds === null) return '-';
  if (ratio < bounds.least) return 'missed';
  return ratio < bounds.goal ? 'least met' : 'goal met';
}

export const isMet = ({ value, most }: Measure): boolean => value <= most;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Null when it is unknown in any round. */
export function medianOf(rounds: readonly Round[], key: 'cpu' | 'databaseCpu'): number | null {
  const values = rounds.map((round) => round[key]).filter((value) => value !== null);
  return values.length === rounds.length ? median(values) : null;
}
