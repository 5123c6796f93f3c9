import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import type { TestApp } from '../support/app.js';
import { describeMall } from '../support/stage.js';
import { WEB_ENV, WebClient } from '../support/web.js';

const ROUNDS = Array.from({ length: 60 }, (_, round) => round);
/** Milliseconds. */
const SPREAD = 20;

type Fields = Record<string, unknown>;

describeMall(
  'web: an account that is bound to another one and at the same moment',
  { env: WEB_ENV },
  ({ app, loggedIn }) => {
    const root = loggedIn('root', 7);
    let there: TestApp;
    let item: number;

    beforeAll(async () => {
      there = app.database.kind === 'mysql' ? await app.beside({ env: WEB_ENV }) : app;
      const recharge = { name: '充10', money: 10, charge: 0, description: '' };
      const reply = await app.post('/api/v1/rechargeItem/add', recharge, root.token).expect(200);
      item = Number(reply.body.data.id);
    });

    /** Somebody with a WeChat login and somebody with a phone, and the call that makes them one. */
    async function pair(round: string) {
      const code = `demo-race-${round}`;
      const absorbed = new WebClient(there);
      const reply = await absorbed.get('/account/signin', { code });
      const kept = await WebClient.signUp(app);
      return { absorbed, id: Number(reply.body.data.id), bind: () => kept.post('/account/bind', { code }) };
    }

    /** Whether the accounts became one, and what came of `call`, begun a little later each time so that it meets every step. */
    async function meet(round: number, bind: () => Promise<Response>, call: () => PromiseLike<Response>) {
      const [bound, reply] = await Promise.all([bind(), pause(round % SPREAD).then(call)]);
      expect([0, 10001]).toContain(bound.body.code);
      return { isBound: bound.body.code === 0, reply };
    }

    async function moneyOfTheDisabled(): Promise<string[]> {
      const disabled = await app.rows<{ id: number }>('SELECT id FROM users WHERE permission = 0');
      const wallets = await app.rows<{ address: string }>('SELECT address FROM ledger_accounts WHERE balance > 0');
      const paid = new Set(wallets.map(({ address }) => address));
      return disabled.map(({ id }) => `user:${id}:balance`).filter((address) => paid.has(address));
    }

    it('starts a recharge, is either given up or paid into, never both', async () => {
      const outcomes: { fields: Fields | null; isBound: boolean }[] = [];
      for (const round of ROUNDS) {
        const { absorbed, bind } = await pair(`recharge-${round}`);
        const { isBound, reply } = await meet(round, bind, () => absorbed.post('/payment_order', { item_id: item }));
        expect([0, 10003]).toContain(reply.body.code);
        outcomes.push({ fields: (reply.body.data as { jsapi?: Fields } | undefined)?.jsapi ?? null, isBound });
      }
      for (const { fields } of outcomes) {
        if (fields) expect(app.simulator.control.pay({ fields, force: true }).ok).toBe(true);
      }
      expect(await app.simulator.control.idle(20_000)).toBe(true);
      expect(await moneyOfTheDisabled()).toEqual([]);
      expect(outcomes.filter(({ fields, isBound }) => (fields === null) !== isBound)).toEqual([]);
    });

    it('is given money by root, is either given up or richer, never both', async () => {
      for (const round of ROUNDS) {
        const { id, bind } = await pair(`grant-${round}`);
        const grant = { userId: id, asset: 'CNY', amount: 1, reason: 'x' };
        const { isBound, reply } = await meet(round, bind, () => app.post('/api/v1/wallet/grant', grant, root.token));
        expect([reply.status, isBound]).toEqual(isBound ? [404, true] : [200, false]);
      }
      expect(await moneyOfTheDisabled()).toEqual([]);
    });
  },
);
