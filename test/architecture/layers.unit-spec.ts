import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

interface Rule {
  readonly name: string;
  readonly comment: string;
}

const CRUISER = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const run = promisify(execFile);

/** Runs the project's own rules over the `src` of a folder. */
async function violationsIn(folder: string): Promise<Violation[]> {
  const args = [CRUISER, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'src'];
  const { stdout } = await run('node', args, { cwd: folder, maxBuffer: 2 ** 28 }).catch(
    (failed: { stdout: string }) => failed,
  );
  return (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations;
}

/** `[rule, file, what it must not import]`; the imported file is made too when it is one of ours. */
const PLANTED: readonly (readonly [rule: string, file: string, imports: string])[] = [
  ['common-is-pure', 'src/common/a.ts', '../config/config.js'],
  ['common-is-pure', 'src/common/b.ts', '@nestjs/common'],
  ['common-is-pure', 'src/common/c.ts', 'typeorm'],
  ['common-is-pure', 'src/common/d.ts', '../modules/users/users.service.js'],
  ['foundation-knows-no-wire-and-no-feature', 'src/config/a.ts', '../protocols/fields.js'],
  ['foundation-knows-no-wire-and-no-feature', 'src/database/a.ts', '../modules/users/user.entity.js'],
  ['foundation-knows-no-wire-and-no-feature', 'src/integrations/a.ts', '../protocols/dialect.js'],
  ['foundation-knows-no-wire-and-no-feature', 'src/integrations/b.ts', '../app.module.js'],
  ['protocols-know-no-feature', 'src/protocols/a.ts', '../modules/auth/auth.service.js'],
  ['protocols-know-no-feature', 'src/protocols/b.ts', '../database/database.js'],
  ['protocols-know-no-feature', 'src/protocols/c.ts', '../integrations/wechat/wechat.js'],
  ['protocols-know-no-feature', 'src/protocols/d.ts', 'typeorm'],
  ['domain-knows-no-wire', 'src/modules/cart/a.service.ts', '../../protocols/fields.js'],
  ['domain-knows-no-wire', 'src/modules/cart/b.service.ts', './cart.api-v1.dto.js'],
  ['domain-knows-no-wire', 'src/modules/cart/c.entity.ts', './cart.web.controller.js'],
  ['domain-knows-no-wire', 'src/modules/cart/helper.ts', '../../protocols/dialect.js'],
  ['domain-knows-no-wire', 'src/modules/cart/d.service.ts', 'express'],
  ['domain-knows-no-wire', 'src/modules/cart/g.service.ts', './cart.strategy.js'],
  ['domain-knows-no-wire', 'src/modules/cart/h.service.ts', '@nestjs/passport'],
  ['wire-files-know-no-storage', 'src/modules/cart/a.api-v1.controller.ts', 'typeorm'],
  ['wire-files-know-no-storage', 'src/modules/cart/b.web.dto.ts', '../../database/columns.js'],
  ['wire-files-know-no-storage', 'src/modules/cart/c.liveuser.dto.ts', './cart-line.entity.js'],
  ['wire-files-know-no-storage', 'src/modules/cart/d.strategy.ts', '../../database/database.js'],
  ['wires-apart', 'src/modules/cart/d.web.controller.ts', './cart.api-v1.dto.js'],
  ['wires-apart', 'src/modules/cart/e.api-v1.dto.ts', '../orders/orders.liveuser.dto.js'],
  ['wires-apart', 'src/protocols/dialects/web.dialect.ts', './open.dialect.js'],
  ['addresses-uses', 'src/modules/addresses/a.service.ts', '../users/users.service.js'],
  ['auth-uses', 'src/modules/auth/a.service.ts', '../orders/orders.service.js'],
  ['cart-uses', 'src/modules/cart/e.service.ts', '../orders/orders.service.js'],
  ['comments-uses', 'src/modules/comments/a.service.ts', '../users/users.service.js'],
  ['jobs-uses', 'src/modules/jobs/a.service.ts', '../ledger/ledger.service.js'],
  ['ledger-uses', 'src/modules/ledger/a.service.ts', '../users/users.service.js'],
  ['linkv-uses', 'src/modules/linkv/a.service.ts', '../users/users.service.js'],
  ['orders-uses', 'src/modules/orders/a.service.ts', '../payments/payments.service.js'],
  ['payments-uses', 'src/modules/payments/a.service.ts', '../tabs/tabs.service.js'],
  ['products-uses', 'src/modules/products/a.service.ts', '../orders/orders.service.js'],
  ['tabs-uses', 'src/modules/tabs/a.service.ts', '../cart/cart.service.js'],
  ['users-uses', 'src/modules/users/a.service.ts', '../auth/auth.service.js'],
  ['feature-is-declared', 'src/modules/novelty/a.service.ts', '../users/users.service.js'],
  ['features-meet-at-services', 'src/modules/auth/b.service.ts', '../users/wallet-holders.js'],
  ['entities-stay-home', 'src/modules/auth/c.service.ts', '../users/user.entity.js'],
  ['features-meet-at-services', 'src/modules/orders/b.service.ts', '../ledger/posting-hash.js'],
  ['auth-rooms', 'src/modules/auth/sessions/a.ts', '../auth.service.js'],
  ['auth-rooms', 'src/modules/auth/passwords/a.ts', '../wechat-sign-in.js'],
  ['auth-rooms', 'src/modules/auth/passwords/b.ts', '../sessions/refresh-tokens.js'],
  ['books-below-their-auditor', 'src/modules/ledger/b.service.ts', './audit/ledger-audit.js'],
  ['payments-reconcile-floor', 'src/modules/payments/reconcile/a.service.ts', '../payments.service.js'],
  ['payments-recharge-floor', 'src/modules/payments/recharge/a.service.ts', '../reconcile/reconciler.service.js'],
  ['payments-refunds-floor', 'src/modules/payments/refunds/a.service.ts', '../recharge/recharge.service.js'],
  ['payments-wallet-floor', 'src/modules/payments/wallet/a.service.ts', '../refunds/refunds.service.js'],
  ['payments-wechat-floor', 'src/modules/payments/wechat/a.service.ts', '../wallet/wallet-payments.service.js'],
  ['payments-records-floor', 'src/modules/payments/records/a.service.ts', '../wechat/capture.service.js'],
  ['simulator-is-loaded-on-demand', 'src/server.ts', './simulator/simulator.js'],
  ['simulator-knows-no-mall', 'src/simulator/a.ts', '../modules/users/users.service.js'],
  ['no-cycles', 'src/common/ring-a.ts', './ring-b.js'],
  ['no-unresolvable', 'src/common/e.ts', 'a-package-that-is-not-there'],
];

/** What must pass: the same directions the right way round. */
const ALLOWED: readonly (readonly [file: string, imports: string])[] = [
  ['src/common/ok.ts', 'node:crypto'],
  ['src/modules/orders/ok.service.ts', '../ledger/chart-of-accounts.js'],
  ['src/modules/auth/ok.service.ts', './sessions/access-tokens.js'],
  ['src/modules/orders/ok-too.service.ts', '../ledger/posting.js'],
  ['src/modules/ledger/ok.module.ts', './audit/ledger-sealer.js'],
  ['src/modules/orders/ok.module.ts', './orders.api-v1.controller.js'],
  ['src/modules/orders/ok.api-v1.controller.ts', '../../protocols/decorators.js'],
  ['src/modules/auth/ok.strategy.ts', '../../protocols/passport.js'],
  ['src/modules/payments/ok.service.ts', '../orders/orders.service.js'],
  ['src/modules/payments/wallet/ok.service.ts', '../records/payment-store.js'],
  ['src/modules/payments/reconcile/ok.service.ts', '../wechat/payment-closer.service.js'],
  ['src/protocols/dialects/dialects.ts', './web.dialect.js'],
];

describe('the directions of the source', () => {
  const folder = mkdtempSync(join(tmpdir(), 'livemall-layers-'));
  let rules: Rule[];
  let found: Violation[];

  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text, { flag: 'a' });
  };
  const plant = (file: string, imports: string): void => {
    write(file, `import * as other from '${imports}';\nexport const used = [other];\n`);
    if (imports.startsWith('.')) write(join(dirname(file), imports).replace(/\.js$/, '.ts'), 'export const one = 1;\n');
  };

  beforeAll(async () => {
    const path: string = '../../.dependency-cruiser.mjs';
    const config = (await import(path)) as { default: { forbidden: Rule[] } };
    rules = config.default.forbidden;
    for (const file of ['.dependency-cruiser.mjs', 'tsconfig.json', 'package.json']) cpSync(file, join(folder, file));
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    for (const [, file, imports] of PLANTED) plant(file, imports);
    for (const [file, imports] of ALLOWED) plant(file, imports);
    write('src/common/ring-b.ts', "import * as ring from './ring-a.js';\nexport const back = [ring];\n");
    write('src/main.ts', "export const simulator = import('./simulator/simulator.js');\n");
    found = await violationsIn(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(PLANTED)('%s: refuses that %s imports %s', (rule, file) => {
    expect(found.filter(({ from }) => from === file).map(({ rule: { name } }) => name)).toContain(rule);
  });

  it.each([...ALLOWED, ['src/main.ts', 'the simulator, on demand'] as const])('allows that %s imports %s', (file) => {
    expect(found.filter(({ from }) => from === file)).toEqual([]);
  });

  it('has a sentence and a planted violation for every rule', () => {
    expect(rules.filter(({ comment }) => !/^[A-Za-z].{20,}\.$/.test(comment) && !comment.includes(' uses '))).toEqual(
      [],
    );
    expect(new Set(PLANTED.map(([rule]) => rule))).toEqual(new Set(rules.map(({ name }) => name)));
  });

  it('are kept by the source itself', async () => {
    expect(await violationsIn('.')).toEqual([]);
  });
});
