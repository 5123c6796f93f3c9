import { parseArgs } from 'node:util';
import { median } from './result.js';
import { databasesFor } from './seed/databases.js';
import { startLivemall } from './servers.js';
import { Driver, ServerSide } from './sides.js';
import { FULL, SMALL } from './world.js';

const USAGE = `npm run bench:soak [-- --minutes <n>] [--sqlite] [--small]

Mixed load for an hour, and what the server keeps in memory meanwhile, looked at every few seconds after a warm-up of a
fifth of the time, at most five minutes. It fails
  when a look finds more than 220 MB,
  when memory grows: the time after the warm-up is cut into quarters; each quarter's median is above that of the one
  before, and the last at least 5 % and 8 MB above the first (the collector's ups and downs cancel out in a median),
  when a request fails.`;

const MOST_MEGABYTES = 220;
const QUARTERS = 4;
const GROWTH = { part: 1.05, megabytes: 8 };
const LOOK_EVERY = 3000;
const CONNECTIONS = 32;

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    sqlite: { type: 'boolean', default: false },
    small: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Looks at the server's memory while the load runs in rounds of at most a minute. */
async function soak(minutes: number): Promise<{ looks: number[]; requests: number; failure: string | null }> {
  const databases = await databasesFor('.', options.sqlite ? 'sqlite' : 'mysql', options.small ? SMALL : FULL, false);
  const server = await startLivemall('.', databases.mall);
  const driver = await Driver.start();
  const driven = { load: 'mixed', connections: CONNECTIONS, databases, databasePid: null } as const;
  const side = new ServerSide(driver, server, driven);
  const [began, whole] = [Date.now(), minutes * 60_000];
  const warm = Math.min(whole / 5, 300_000);
  const looks: number[] = [];
  const timer = setInterval(() => {
    if (Date.now() - began > warm) looks.push(side.resident() ?? 0);
  }, LOOK_EVERY);
  let requests = 0;
  try {
    for (let left = whole; left > 0; left = began + whole - Date.now()) {
      const round = await side.round(Math.min(60, left / 1000));
      requests += round.requests;
      console.log(`${round.rate.toFixed(0)} requests per second, ${(side.resident() ?? 0).toFixed(0)} MB`);
      if (round.failures > 0) return { looks, requests, failure: round.firstFailure };
    }
    return { looks, requests, failure: null };
  } finally {
    clearInterval(timer);
    await driver.stop();
    await server.stop();
  }
}

/** Why the looks are not good, if they are not. */
function complaintsOf(looks: readonly number[]): string[] {
  const medians = quartersOf(looks);
  const [first, last] = [medians[0], medians.at(-1)!];
  const rises = medians.every((value, index) => index === 0 || value > medians[index - 1]);
  const grows = rises && last > first * GROWTH.part && last > first + GROWTH.megabytes;
  const most = Math.max(...looks);
  return [
    ...(most > MOST_MEGABYTES ? [`it held ${most.toFixed(0)} MB, more than ${MOST_MEGABYTES}`] : []),
    ...(grows ? [`its memory grows: ${medians.map((value) => value.toFixed(0)).join(', ')} MB`] : []),
  ];
}

function quartersOf(looks: readonly number[]): number[] {
  const length = looks.length / QUARTERS;
  return Array.from({ length: QUARTERS }, (_, quarter) =>
    median(looks.slice(Math.floor(quarter * length), Math.floor((quarter + 1) * length))),
  );
}

if (options.help) {
  console.log(USAGE);
} else {
  const { looks, requests, failure } = await soak(Number(options.minutes));
  if (looks.length < QUARTERS) throw new Error('too short to say anything');
  const quarters = quartersOf(looks).map((value) => value.toFixed(0));
  console.log(`\n${requests} requests, ${looks.length} looks: ${quarters.join(', ')} MB by quarter of the time`);
  const complaints = [...complaintsOf(looks), ...(failure === null ? [] : [`a request failed: ${failure}`])];
  for (const complaint of complaints) console.log(`failed: ${complaint}`);
  if (complaints.length > 0) process.exitCode = 1;
}
