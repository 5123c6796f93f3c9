import { cpuOf } from '../processes.js';
import type { Load } from './load.js';

/** What a round of load came to. */
export interface Round {
  readonly requests: number;
  /** Per second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds per request; null where it is unknown. */
  readonly cpu: number | null;
  readonly databaseCpu: number | null;
  readonly failures: number;
  readonly firstFailure: string | null;
}

type Pids = readonly [server: number | null, database: number | null];

/** A round in which so many failed has nothing more to say. */
const ENOUGH_FAILURES = 100;

/** A closed loop of all clients for so many seconds, or until nothing is left to do. */
export async function drive<C>(load: Load<C>, clients: readonly C[], seconds: number, pids: Pids): Promise<Round> {
  const latencies: number[] = [];
  const failures: string[] = [];
  const before = pids.map(cpuOf);
  const began = performance.now();
  const end = began + seconds * 1000;
  const run = async (client: C): Promise<void> => {
    for (let started = began; started < end; started = performance.now()) {
      const doing = load.once(client);
      if (doing === null) return;
      try {
        await doing;
        latencies.push(performance.now() - started);
      } catch (error) {
        failures.push((error as Error).message);
        if (failures.length >= ENOUGH_FAILURES) return;
      }
    }
  };
  await Promise.all(clients.map(run));
  const elapsed = performance.now() - began;
  const used = pids.map(cpuOf).map((now, index) => difference(now, before[index]));
  return roundOf(latencies, elapsed, used, failures);
}

function difference(now: number | null, before: number | null): number | null {
  return now === null || before === null ? null : now - before;
}

function roundOf(
  latencies: readonly number[],
  elapsed: number,
  [server, database]: readonly (number | null)[],
  failures: readonly string[],
): Round {
  const sorted = Float64Array.from(latencies).sort();
  const perRequest = (seconds: number | null): number | null =>
    seconds === null || sorted.length === 0 ? null : (seconds * 1e6) / sorted.length;
  return {
    requests: sorted.length,
    rate: (sorted.length * 1000) / elapsed,
    p50: sorted[Math.floor(sorted.length * 0.5)] ?? 0,
    p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    cpu: perRequest(server),
    databaseCpu: perRequest(database),
    failures: failures.length,
    firstFailure: failures[0] ?? null,
  };
}
