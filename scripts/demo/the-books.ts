import { checkOut, fenOf, merchantOf, provesCleanBooks, statusesOf, twoMerchantsProducts } from './cast.js';
import type { Mall } from './mall.js';
import { chapter, proves, step } from './story.js';

interface Wallet {
  readonly balance: number;
  readonly coupon: number;
}

/** Wallets over a double-entry ledger: grant, pay, give part back, and add everything up again. */
export async function theBooks(mall: Mall): Promise<void> {
  chapter('The books (ledger and wallets)');
  const token = await mall.login('demo-saver');
  const root = await mall.login('demo-root');
  const { userId } = await mall.data<{ userId: number }>('GET', 'user/profile', {}, token);
  const wallet = () => mall.data<Wallet>('GET', 'wallet', {}, token);

  await step('Root grants 2000 yuan, says why, and a second click changes nothing', async () => {
    const body = { userId, asset: 'CNY', amount: 2000, reason: '开业活动' };
    const headers = { 'Idempotency-Key': 'demo-grant' };
    await mall.post('/api/v1/wallet/grant', { body, token: root, headers });
    const again = await mall.post('/api/v1/wallet/grant', { body, token: root, headers });
    proves('the replay', [again.status, again.headers.get('Idempotency-Replayed')], [200, 'true']);
    proves('the wallet', await wallet(), { balance: 2000, coupon: 0 });
  });

  const products = await twoMerchantsProducts(mall);
  const orders = await checkOut(mall, token, products);
  const price = fenOf(products[0].price) + fenOf(products[1].price) + 1000;
  await step('Two orders of two merchants are paid from the balance in one go', async () => {
    await mall.data('POST', 'order/pay', { order_ids: orders, channel: 'balance' }, token);
    proves('the orders', await statusesOf(mall, token, orders), [2, 2]);
    proves('the wallet', fenOf((await wallet()).balance), 200_000 - price);
  });

  await step('Each merchant is owed his own order, to the fen', async () => {
    const merchant = await merchantOf(mall, products[0]);
    const { payable } = await mall.data<{ payable: number }>('GET', 'shop/balance', {}, merchant);
    proves('the payable', fenOf(payable), fenOf(products[0].price) + 500);
  });

  await step('The merchant gives one yuan back; more than was paid he cannot', async () => {
    const merchant = await merchantOf(mall, products[0]);
    const refund = { order_id: orders[0], amount: 1, reason: '少发一件' };
    const { status } = await mall.data<{ status: string }>('POST', 'order/refund', refund, merchant);
    proves('the refund', status, 'succeeded');
    const greedy = await mall.post('/api/v1/order/refund', { body: { ...refund, amount: 19_999 }, token: merchant });
    proves('the refusal', greedy.status, 409);
    proves('the wallet', fenOf((await wallet()).balance), 200_000 - price + 100);
  });

  await step('The statement tells it all, newest first, and the audit finds nothing', async () => {
    const { entries } = await mall.data<{ entries: { amount: number; balance_after: number }[] }>(
      'GET',
      'wallet/statement',
      { asset: 'CNY', from: 0, length: 100 },
      token,
    );
    const sum = entries.reduce((total, { amount }) => total + fenOf(amount), 0);
    proves('the sum', sum, fenOf(entries[0].balance_after));
    await provesCleanBooks(mall);
  });
}
