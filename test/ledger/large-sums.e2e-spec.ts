import { beforeAll, describe, expect, it } from '@jest/globals';
import { verifyBooks } from '../../scripts/ledger/verify.js';
import { account, coins } from '../../src/modules/ledger/chart-of-accounts.js';
import { findingsOf } from '../../src/modules/ledger/audit/audit-report.js';
import { LedgerAudit } from '../../src/modules/ledger/audit/ledger-audit.js';
import { LedgerService } from '../../src/modules/ledger/ledger.service.js';
import { GoldService } from '../../src/modules/linkv/gold.service.js';
import { NEVER } from '../../src/modules/linkv/gold-lots.js';
import { succeeded } from '../support/api-v1.js';
import { accepted, expectCoins, partnerOf } from '../support/open.js';
import { openMall } from '../support/stage.js';

/** The largest balance of one user, and the largest change over the wire. */
const FULL = Number.MAX_SAFE_INTEGER;
const MOST = 1_000_000_000_000;
const USERS = 5;

const { app, loggedIn } = openMall();
const root = loggedIn('root', 7);
const partner = partnerOf(app);

async function verify(): Promise<{ count: number; text: string }> {
  const lines: string[] = [];
  return { count: await verifyBooks(app.config, (line) => lines.push(line)), text: lines.join('\n') };
}

describe("partners' coins beyond 2^53", () => {
  const openIds: string[] = [];
  const odd = MOST - 1;

  beforeAll(async () => {
    const { appId } = partner.access;
    for (let user = 0; user < USERS; user += 1) {
      const openId = await partner.openId();
      openIds.push(openId);
      const change = { appId, openId, requestId: `full-${user}`, contentHash: '', type: 1, expiresAt: NEVER } as const;
      await app.app.get(GoldService).change({ ...change, value: coins(FULL - 3 * odd) });
      for (let more = 0; more < 3; more += 1) accepted(await partner.changeGold(openId, 1, odd));
    }
  });

  it('leave the books clean, on every channel', async () => {
    expect(findingsOf(await app.app.get(LedgerAudit).run())).toEqual([]);
    expect(succeeded(await app.get('/api/v1/ledger/audit', {}, root.token))).toMatchObject({
      clean: true,
      assets: { GOLD: { sum: 0 } },
    });
    for (const openId of openIds) await expectCoins(app, partner, openId, FULL);
  });

  it('are summed to the coin by ledger:verify', async () => {
    const { count, text } = await verify();
    expect(count).toBe(0);
    expect(text).toContain(`GOLD ${BigInt(FULL) * BigInt(USERS)}`);
  });

  it('are refused where a number cannot hold their sum, not rounded', async () => {
    const issued = account.linkvIssued(partner.access.appId);
    await expect(app.app.get(LedgerService).balance(issued, 'GOLD')).rejects.toThrow(RangeError);
  });

  it('hide no coin that somebody took out of the rows', async () => {
    const [entry] = await app.rows<{ id: number; transactionId: number }>(
      'SELECT e.id, e.transaction_id AS transactionId FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id ' +
        'WHERE a.address = ? AND e.amount = ? ORDER BY e.id LIMIT 1',
      [account.linkvIssued(partner.access.appId), 0 - odd],
    );
    await app.tamper('DROP TRIGGER ledger_entries_no_update');
    await app.tamper('UPDATE ledger_entries SET amount = amount + 1 WHERE id = ?', [entry.id]);
    const findings = findingsOf(await app.app.get(LedgerAudit).run());
    expect(findings).toEqual([
      'GOLD sums to 1 instead of 0',
      `ledger_transaction ${entry.transactionId} sums to 1 GOLD instead of 0`,
      `ledger_entry ${entry.id} was changed`,
    ]);
    await app.tamper('UPDATE ledger_entries SET amount = amount - 1 WHERE id = ?', [entry.id]);
  });

  it('name to the coin what a balance and its entries differ in', async () => {
    await app.tamper('UPDATE ledger_accounts SET balance = balance - 1 WHERE address = ?', [
      account.linkvGold(openIds[0]),
    ]);
    const [finding, ...others] = findingsOf(await app.app.get(LedgerAudit).run());
    expect(finding).toMatch(new RegExp(`holds ${FULL - 1}, its entries sum to ${FULL}$`));
    expect(others).toEqual([]);
  });
});
