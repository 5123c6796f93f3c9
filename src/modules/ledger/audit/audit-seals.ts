import type { SnapshotRead } from '../../../database/snapshot.js';
import { tableOf } from '../../../database/table.js';
import { LATE_WINDOW } from './ledger-sealer.js';
import type { AuditReport } from './audit-report.js';
import { sealHash, type SealMember } from './audit-rows.js';
import { LedgerSeal, LedgerSealMember } from './ledger-seal.entity.js';

type AuditedSeal = Omit<LedgerSeal, 'createdAt'>;

const SLICE = 200;
const SEALS = tableOf(LedgerSeal);
const MEMBERS = tableOf(LedgerSealMember);
const NEXT = `SELECT ${SEALS.select(SEALS.without('createdAt'))} FROM ledger_seals WHERE id > ? ORDER BY id LIMIT ?`;
const MEMBERS_OF = `SELECT ${MEMBERS.select(MEMBERS.without('sealId'))} FROM ledger_seal_members WHERE seal_id = ? ORDER BY transaction_id`;

/** Follows the chain from its first link and names the links that do not hold. Returns their ids. */
export async function auditSeals(read: SnapshotRead, report: AuditReport): Promise<ReadonlySet<number>> {
  const broken = new Set<number>();
  const name = (id: number, problem: string): void => {
    if (broken.has(id)) return;
    broken.add(id);
    report.chain.broken.push({ table: 'ledger_seal', id, problem });
  };
  let previous: { id: number; hashes: readonly string[] } = { id: 0, hashes: [''] };
  let newest = 0;
  for (let rows = await readSeals(read, 0); rows.length > 0; rows = await readSeals(read, previous.id)) {
    for (const seal of rows) {
      for (let missing = previous.id + 1; missing < seal.id; missing += 1) name(missing, 'was removed');
      const members = await read<SealMember>(MEMBERS_OF, [seal.id]);
      const linked = previous.id < seal.id - 1 || previous.hashes.includes(seal.previousHash);
      const computed = sealHash(seal.id, seal.previousHash, members);
      if (!linked || computed !== seal.hash || members.length !== seal.members) name(seal.id, 'was changed');
      for (const { transactionId } of members)
        if (transactionId < newest - LATE_WINDOW) report.late.push(transactionId);
      newest = Math.max(newest, members.at(-1)?.transactionId ?? 0);
      report.chain.sealed += members.length;
      report.chain.head = seal.hash;
      previous = { id: seal.id, hashes: [seal.hash, computed] };
    }
  }
  const beyond = await read<{ id: number }>(
    'SELECT DISTINCT seal_id AS id FROM ledger_seal_members WHERE seal_id > ? ORDER BY seal_id',
    [previous.id],
  );
  for (const { id } of beyond) name(id, 'was removed');
  return broken;
}

function readSeals(read: SnapshotRead, after: number): Promise<AuditedSeal[]> {
  return read<AuditedSeal>(NEXT, [after, SLICE]);
}
