import { readFileSync, writeFileSync } from 'node:fs';
import { CASES, type Case } from './cases.js';
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
/** Of the recorded ratio; runs of the same code differ by a tenth. */
const TOLERANCE = 1.25;
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

async function measure(): Promise<Map<string, number>> {
  const databases = await databasesFor('.', 'mysql', SMALL, false);
  const ours = await startLivemall('.', databases.mall);
  const floor = await startFloor('raw', databases.raw);
  const driver = await Driver.start();
  const ratios = new Map<string, number>();
  try {
    for (const { name, load, floorLoad, connections } of NAMES.map(caseNamed)) {
      const driven = { connections, databases, databasePid: null };
      const [mine, theirs] = await cpuPerRequest([
        new ServerSide(driver, ours, { ...driven, load }),
        new ServerSide(driver, floor, { ...driven, load: floorLoad }),
      ]);
      ratios.set(name, mine / theirs);
    }
  } finally {
    for (const one of [driver, floor, ours]) await one.stop();
  }
  return ratios;
}

function caseNamed(name: string): Case {
  return CASES.find((one) => one.name === name)!;
}

const ratios = await measure();
const rounded = Object.fromEntries([...ratios].map(([name, ratio]) => [name, Number(ratio.toFixed(2))]));
if (process.argv.includes('--record')) {
  writeFileSync(RECORD, `${JSON.stringify(rounded, null, 2)}\n`);
  console.log(`recorded in ${RECORD}: ${JSON.stringify(rounded)}`);
} else {
  const recorded = JSON.parse(readFileSync(RECORD, 'utf8')) as Record<string, number>;
  for (const [name, ratio] of ratios) {
    const most = recorded[name] * TOLERANCE;
    const isDearer = !(ratio <= most);
    console.log(
      `${name}: ${ratio.toFixed(2)} of the floor's CPU, at most ${most.toFixed(2)}${isDearer ? ': DEARER' : ''}`,
    );
    if (isDearer) process.exitCode = 1;
  }
}
