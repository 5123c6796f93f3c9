import { cpus, totalmem } from 'node:os';
import type { Pace } from './compare.js';
import type { Report } from './result.js';
import { SERVER } from './seed/databases.js';
import { openStore } from './seed/store.js';
import { DIFFERENCE } from './servers.js';

/** What figures depend on besides the code. */
export async function describeMachine({
  rounds,
  seconds,
}: Pace): Promise<Pick<Report, 'machine' | 'node' | 'database' | 'how'>> {
  const cores = cpus();
  return {
    machine: `${cores.length} cores (${cores[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.versions.node,
    database: await databaseVersion(),
    how:
      `Medians of ${rounds} rounds of ${seconds} s of each side in turn, 32 clients; the server ${DIFFERENCE}; ` +
      'client, server and database share the machine.',
  };
}

async function databaseVersion(): Promise<string> {
  try {
    const store = await openStore(`${SERVER}/`);
    const [{ version }] = await store.read<{ version: string }>('SELECT VERSION() AS version');
    await store.close();
    return /mariadb/i.test(version) ? `MariaDB ${version.split('-')[0]}` : `MySQL ${version}`;
  } catch {
    return 'SQLite';
  }
}
