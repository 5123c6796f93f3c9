/** One operation, done again and again by `CLIENTS` at once. */
export type Operation = (serial: number) => Promise<unknown>;

const CLIENTS = 32;

/** Operations per second over one round. */
async function round(operation: Operation, milliseconds: number): Promise<number> {
  const started = performance.now();
  let count = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - started < milliseconds) {
      await operation((serial += 1));
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return (count * 1000) / (performance.now() - started);
}

let serial = 0;

/** Rounds of both in turn, after one to warm up; answers the medians and prints each round. */
export async function compare(
  cases: Readonly<Record<string, Operation>>,
  { rounds = 7, milliseconds = 2000 } = {},
): Promise<Record<string, number>> {
  const rates = new Map(Object.keys(cases).map((name) => [name, [] as number[]]));
  for (const operation of Object.values(cases)) await round(operation, milliseconds / 2);
  for (let index = 0; index < rounds; index += 1) {
    const entries = Object.entries(cases);
    for (const [name, operation] of index % 2 === 0 ? entries : entries.toReversed()) {
      rates.get(name)?.push(await round(operation, milliseconds));
    }
  }
  for (const [name, values] of rates)
    console.log(`${name}: ${values.map((value) => value.toFixed(0)).join(' ')} per second`);
  return Object.fromEntries([...rates].map(([name, values]) => [name, median(values)]));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
