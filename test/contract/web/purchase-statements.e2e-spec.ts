import { expect, it } from '@jest/globals';
import { describeMall } from '../../support/stage.js';
import { writesOf } from '../../support/statements.js';
import { grant, WEB_ENV, WebClient } from '../../support/web.js';

describeMall('web: what a purchase from the wallet costs', { env: WEB_ENV }, ({ app, mall, loggedIn }) => {
  const merchant = loggedIn('merchant', 3);

  it.each(['balance', 'coupon'] as const)(
    'with_%s locks the wallet, then orders, takes stock, pays and moves the order: nothing is looked at twice',
    async (channel) => {
      const client = await WebClient.signUp(app);
      await grant(app, client.userId, channel === 'coupon' ? 'COUPON' : 'CNY', 1000);
      const product = await mall.product(merchant, { price: 1, stock: 100 });
      const buy = () => client.post(`/product/${product}/with_${channel}`);
      await buy(); // Accounts are opened by the first.
      expect(await writesOf(app, buy)).toEqual([
        ...(channel === 'coupon' ? ['SELECT ledger_accounts'] : []),
        'SELECT ledger_accounts',
        'SELECT products',
        'INSERT orders',
        'INSERT order_items',
        'UPDATE products',
        'INSERT payments',
        'INSERT payment_orders',
        'INSERT ledger_transactions',
        'UPDATE ledger_accounts',
        'SELECT ledger_accounts',
        'INSERT ledger_entries',
        'UPDATE orders',
        'INSERT order_history',
      ]);
    },
  );
});
