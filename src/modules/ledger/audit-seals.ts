import type { SnapshotRead } from '../../database/snapshot.js';
import type { AuditReport } from './audit-report.js';
import { sealHash, type SealMember } from './ledger-rows.js';

interface SealRow {
  readonly id: number;
  readonly members: number;
  readonly previousHash: string;
  readonly hash: string;
}

const SLICE = 200;
const MEMBERS =
  'SELECT transaction_id AS transactionId, first_entry_id AS firstEntryId, entries, digest FROM ledger_seal_members ' +
  'WHERE seal_id = ? ORDER BY transaction_id';

/** Follows the chain from its first link and names the links that do not hold. Answers their ids. */
export async function auditSeals(read: SnapshotRead, report: AuditReport): Promise<ReadonlySet<number>> {
  const broken = new Set<number>();
  const name = (id: number, problem: string): void => {
    if (broken.has(id)) return;
    broken.add(id);
    report.chain.broken.push({ table: 'ledger_seal', id, problem });
  };
  let previous: { id: number; hashes: readonly string[] } = { id: 0, hashes: [''] };
  for (let rows = await readSeals(read, 0); rows.length > 0; rows = await readSeals(read, previous.id)) {
    for (const seal of rows) {
      const id = Number(seal.id);
      for (let missing = previous.id + 1; missing < id; missing += 1) name(missing, 'was removed');
      const members = await read<SealMember>(MEMBERS, [id]);
      const linked = previous.id < id - 1 || previous.hashes.includes(seal.previousHash);
      const computed = sealHash(id, seal.previousHash, members);
      if (!linked || computed !== seal.hash || members.length !== Number(seal.members)) name(id, 'was changed');
      report.chain.sealed += members.length;
      report.chain.head = seal.hash;
      previous = { id, hashes: [seal.hash, computed] };
    }
  }
  const beyond = await read<{ id: number }>(
    'SELECT DISTINCT seal_id AS id FROM ledger_seal_members WHERE seal_id > ? ORDER BY seal_id',
    [previous.id],
  );
  for (const { id } of beyond) name(Number(id), 'was removed');
  return broken;
}

function readSeals(read: SnapshotRead, after: number): Promise<SealRow[]> {
  return read<SealRow>(
    'SELECT id, members, previous_hash AS previousHash, hash FROM ledger_seals WHERE id > ? ORDER BY id LIMIT ?',
    [after, SLICE],
  );
}
