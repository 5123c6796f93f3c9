import type { Round } from './load/rounds.js';
import { median, medianOf, type Result } from './result.js';
import type { Side } from './sides.js';

export interface Pace {
  /** At least five where it counts. */
  readonly rounds: number;
  /** Of a round. */
  readonly seconds: number;
  /** Rounds of warming up, at most. */
  readonly warmUps: number;
}

/** A gain below this is noise: the compiler has settled. */
const SETTLED = 1.03;
/** Seconds of the server's CPU: a rate that does not rise on a busy machine says little. */
const LEAST_WORK = 5;

export interface Comparison {
  readonly ours: readonly Round[];
  readonly floor: readonly Round[];
  readonly ratio: number;
  readonly spread: readonly [number, number];
  readonly failure: string | null;
}

/** Rounds in turn, so that a slow moment of the machine falls on both. */
export async function compare(ours: Side, floor: Side, { rounds, seconds, warmUps }: Pace): Promise<Comparison> {
  for (const side of [ours, floor]) await warmUp(side, seconds, warmUps);
  const taken: { ours: Round[]; floor: Round[] } = { ours: [], floor: [] };
  for (let index = 0; index < rounds; index += 1) {
    const order = index % 2 === 0 ? (['ours', 'floor'] as const) : (['floor', 'ours'] as const);
    for (const key of order) taken[key].push(await (key === 'ours' ? ours : floor).round(seconds));
  }
  const ratios = taken.ours.map(({ rate }, index) => rate / taken.floor[index].rate);
  return {
    ...taken,
    ratio: rateOf(taken.ours) / rateOf(taken.floor),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    failure: failureOf([...taken.ours, ...taken.floor]),
  };
}

/** What a result says of its rounds. */
export function figuresOf({
  ours,
  floor,
  ratio,
  spread,
  failure,
}: Comparison): Omit<Result, 'name' | 'title' | 'resident' | 'roundTrips' | 'bounds'> {
  return {
    rate: rateOf(ours),
    floorRate: rateOf(floor),
    ratio,
    spread,
    p50: median(ours.map(({ p50 }) => p50)),
    p99: median(ours.map(({ p99 }) => p99)),
    cpu: medianOf(ours, 'cpu'),
    floorCpu: medianOf(floor, 'cpu'),
    databaseCpu: medianOf(ours, 'databaseCpu'),
    failure,
  };
}

export const rateOf = (rounds: readonly Round[]): number => median(rounds.map(({ rate }) => rate));

/** Until two rounds in a row bring no more than the best before them, and the compiler has seen some seconds of work. */
async function warmUp(side: Side, seconds: number, most: number): Promise<void> {
  let best = 0;
  let still = 0;
  let worked = 0;
  for (let round = 0; round < most && (still < 2 || worked < LEAST_WORK); round += 1) {
    const { rate, cpu, requests } = await side.round(seconds);
    still = rate < best * SETTLED ? still + 1 : 0;
    best = Math.max(best, rate);
    worked += cpu === null ? seconds : (cpu * requests) / 1e6;
  }
}

function failureOf(rounds: readonly Round[]): string | null {
  const failed = rounds.filter(({ failures }) => failures > 0);
  if (failed.length > 0) {
    const count = failed.reduce((sum, { failures }) => sum + failures, 0);
    return `${count} requests failed, the first: ${failed[0].firstFailure}`;
  }
  return rounds.some(({ requests }) => requests === 0) ? 'no request was answered' : null;
}
