import { readFileSync, writeFileSync } from 'node:fs';
import { CASES, type Case } from './cases.js';
import { median } from './result.js';
import { databasesFor } from './seed/databases.js';
import { startFloor, startLivemall } from './servers.js';
import { Driver, ServerSide, type Side } from './sides.js';
import { SMALL } from './world.js';

/*
 * Whether a change has made a hot route dearer: the server's CPU per request, as a ratio to the floor's of the same run,
 * beside the recorded one. Never a time: that would say how busy the machine is. `--record` writes down what it finds.
 */
const RECORD = 'scripts/bench/gate.json';
const NAMES = ['detail', 'detail-hot', 'tab', 'cart-add', 'order', 'gold-new'];
/** Of the recorded ratio. */
const TOLERANCE = 1.25;
/** What is too dear is measured again: what else runs on the machine makes runs of the same code differ by a fifth. */
const TRIES = 3;
/** The median of so many is written down. */
const RECORDED = 5;
const ROUNDS = 4;
const SECONDS = 0.6;
/** Seconds of CPU in which the compiler does most of its work, and how many seconds that may take on a busy machine. */
const WARM_WORK = 2;
const WARM_ROUNDS = 8;

async function warmUp(side: Side): Promise<void> {
  let worked = 0;
  for (let round = 0; round < WARM_ROUNDS && worked < WARM_WORK; round += 1) {
    const { cpu, requests } = await side.round(1);
    worked += ((cpu ?? 0) * requests) / 1e6;
  }
}

/** Microseconds per request, the lowest of the rounds: what else runs on the machine only adds. */
async function cpuPerRequest(sides: readonly Side[]): Promise<number[]> {
  const found: number[][] = sides.map(() => []);
  for (const side of sides) await warmUp(side);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, side] of sides.entries()) {
      const { cpu, failures, firstFailure } = await side.round(SECONDS);
      if (failures > 0) throw new Error(`${failures} requests failed, the first: ${firstFailure}`);
      if (cpu === null) throw new Error('this system does not tell what CPU a process uses');
      found[index].push(cpu);
    }
  }
  return found.map((values) => Math.min(...values));
}

/** Ratios of a case, one after the other, until `isEnough`. */
async function measure(isEnough: (name: string, ratios: readonly number[]) => boolean): Promise<Map<string, number[]>> {
  const databases = await databasesFor('.', 'mysql', SMALL, false);
  const ours = await startLivemall('.', databases.mall);
  const floor = await startFloor('raw', databases.raw);
  const driver = await Driver.start();
  const found = new Map<string, number[]>();
  try {
    for (const { name, load, floorLoad, connections } of NAMES.map(caseNamed)) {
      const driven = { connections, databases, databasePid: null };
      const sides = [
        new ServerSide(driver, ours, { ...driven, load }),
        new ServerSide(driver, floor, { ...driven, load: floorLoad }),
      ];
      const ratios: number[] = [];
      while (!isEnough(name, ratios)) {
        const [mine, theirs] = await cpuPerRequest(sides);
        ratios.push(mine / theirs);
      }
      found.set(name, ratios);
    }
  } finally {
    for (const one of [driver, floor, ours]) await one.stop();
  }
  return found;
}

function caseNamed(name: string): Case {
  return CASES.find((one) => one.name === name)!;
}

async function record(): Promise<void> {
  const found = await measure((_, ratios) => ratios.length === RECORDED);
  const medians = Object.fromEntries([...found].map(([name, ratios]) => [name, Number(median(ratios).toFixed(2))]));
  writeFileSync(RECORD, `${JSON.stringify(medians, null, 2)}\n`);
  console.log(`recorded in ${RECORD}: ${JSON.stringify(medians)}`);
}

async function compare(): Promise<void> {
  const recorded = JSON.parse(readFileSync(RECORD, 'utf8')) as Record<string, number>;
  const most = (name: string): number => recorded[name] * TOLERANCE;
  const found = await measure((name, ratios) => ratios.length === TRIES || ratios.some((ratio) => ratio <= most(name)));
  for (const [name, ratios] of found) {
    const least = Math.min(...ratios);
    const isDearer = !(least <= most(name));
    const shown = ratios.map((ratio) => ratio.toFixed(2)).join(', ');
    console.log(`${name}: ${shown} of the floor's CPU, at most ${most(name).toFixed(2)}${isDearer ? ': DEARER' : ''}`);
    if (isDearer) process.exitCode = 1;
  }
}

await (process.argv.includes('--record') ? record() : compare());
