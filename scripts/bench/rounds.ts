/** One operation, done again and again by `CLIENTS` at once. */
export type Operation = (serial: number) => Promise<unknown>;

const CLIENTS = 32;

interface Round {
  /** Operations per second. */
  readonly rate: number;
  /** Microseconds of this process's CPU per operation: steadier than the rate on a busy machine. */
  readonly cpu: number;
}

async function round(operation: Operation, milliseconds: number): Promise<Round> {
  const before = process.cpuUsage();
  const started = performance.now();
  let count = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - started < milliseconds) {
      await operation((serial += 1));
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const { user, system } = process.cpuUsage(before);
  return { rate: (count * 1000) / (performance.now() - started), cpu: (user + system) / count };
}

let serial = 0;

/** Rounds of both in turn, after one to warm up; answers the medians and prints each round. */
export async function compare(
  cases: Readonly<Record<string, Operation>>,
  { rounds = 7, milliseconds = 2000 } = {},
): Promise<Record<string, number>> {
  const rates = new Map(Object.keys(cases).map((name) => [name, [] as Round[]]));
  for (const operation of Object.values(cases)) await round(operation, milliseconds / 2);
  for (let index = 0; index < rounds; index += 1) {
    const entries = Object.entries(cases);
    for (const [name, operation] of index % 2 === 0 ? entries : entries.toReversed()) {
      rates.get(name)?.push(await round(operation, milliseconds));
    }
  }
  for (const [name, values] of rates) {
    const cpu = median(values.map((value) => value.cpu)).toFixed(0);
    console.log(`${name}: ${values.map(({ rate }) => rate.toFixed(0)).join(' ')} per second, ${cpu} us of CPU each`);
  }
  return Object.fromEntries([...rates].map(([name, values]) => [name, median(values.map(({ rate }) => rate))]));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
