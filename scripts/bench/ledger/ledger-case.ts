import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare, figuresOf, type Pace } from '../compare.js';
import type { Round } from '../load/rounds.js';
import { messageOf, residentOf, startHelper, stop } from '../processes.js';
import type { Result } from '../result.js';
import { SERVER } from '../seed/databases.js';
import { openStore } from '../seed/store.js';
import type { Side } from '../sides.js';

/** What one side of the ledger's process is asked to do. */
export interface LedgerJob {
  readonly side: 'service' | 'by hand';
  readonly seconds: number;
}

interface LedgerCase {
  readonly name: string;
  readonly database: 'mysql' | 'sqlite';
}

export const LEDGER_CASES: readonly LedgerCase[] = [
  { name: 'ledger', database: 'mysql' },
  { name: 'sqlite-ledger', database: 'sqlite' },
];

/** Posts without HTTP, both sides in one process, on a database of their own. */
export async function runLedgerCase({ name, database }: LedgerCase, pace: Pace): Promise<Result> {
  return withDatabase(database, async (url) => {
    const child = startHelper('./ledger/posts.js', [url]);
    try {
      await messageOf(child);
      const sideOf = (side: LedgerJob['side']): Side => ({
        round: (seconds) => {
          child.send({ side, seconds } satisfies LedgerJob);
          return messageOf<Round>(child);
        },
        resident: () => residentOf(child.pid!),
        stop: () => stop(child),
      });
      const comparison = await compare(sideOf('service'), sideOf('by hand'), pace);
      const title = 'LedgerService.post without HTTP, beside its statements by hand';
      const unknown = { databaseCpu: null, roundTrips: null, bounds: null };
      return { name, title, ...figuresOf(comparison), ...unknown, resident: residentOf(child.pid!) };
    } finally {
      await stop(child);
    }
  });
}

async function withDatabase<T>(kind: LedgerCase['database'], work: (url: string) => Promise<T>): Promise<T> {
  if (kind === 'sqlite') {
    const folder = mkdtempSync(join(tmpdir(), 'livemall-bench-ledger-'));
    return work(`sqlite:${join(folder, 'ledger.sqlite')}`).finally(() => rmSync(folder, { recursive: true }));
  }
  const name = `livemall_bench_ledger_${randomBytes(4).toString('hex')}`;
  const store = await openStore(`${SERVER}/`);
  await store.run(`CREATE DATABASE ${name}`);
  try {
    return await work(`${SERVER}/${name}`);
  } finally {
    await store.run(`DROP DATABASE ${name}`);
    await store.close();
  }
}
