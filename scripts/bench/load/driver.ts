import { Client } from './client.js';
import type { Load, Target } from './load.js';
import { loads, type LoadName } from './loads.js';
import { drive, type Round } from './rounds.js';

/* The load generator, a process of its own: a closed loop over keep-alive connections. */

export interface Job {
  readonly load: LoadName;
  readonly target: Target;
  readonly connections: number;
  readonly seconds: number;
  /** Whose CPU is counted; null where it is unknown. */
  readonly serverPid: number | null;
  readonly databasePid: number | null;
}

const kept = new Map<string, Load>();

function loadOf({ load, target }: Job): Load {
  const key = `${load} ${target.port}`;
  let found = kept.get(key);
  if (!found) kept.set(key, (found = loads[load](target)));
  return found;
}

async function run(job: Job): Promise<Round> {
  const load = loadOf(job);
  await load.prepare?.(job.seconds);
  const clients = Array.from({ length: job.connections }, () => new Client(job.target.port));
  const round = await drive(load, clients, job.seconds, [job.serverPid, job.databasePid]);
  for (const client of clients) client.close();
  return round;
}

process.on('message', (job: Job) => {
  run(job).then(
    (round) => process.send?.(round),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
