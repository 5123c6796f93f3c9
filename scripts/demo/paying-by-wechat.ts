import { checkOut, eventually, merchantOf, provesCleanBooks, statusesOf, twoMerchantsProducts } from './cast.js';
import type { Json, Mall } from './mall.js';
import { chapter, proves, step } from './story.js';

interface Prepared extends Json {
  readonly payment_id: number;
}
interface Payment {
  readonly status: string;
  readonly refunded: number;
}

/** The simulator's control API: what WeChat and its users do. */
export async function wechat<T>(mall: Mall, action: string, body: Json = {}): Promise<T> {
  const response = await fetch(`${mall.simulatorUrl}/_control/${action}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`the simulator refused ${action}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** The phone pays with exactly the fields that the server handed out: the simulator checks their signature. */
async function userPays(mall: Mall, prepared: Prepared): Promise<void> {
  const { ok } = await wechat<{ ok: boolean }>(mall, 'pay', { fields: prepared });
  proves('the payment at WeChat', ok, true);
}

const payment = (mall: Mall, token: string, payment_id: number) =>
  mall.data<Payment>('GET', 'order/payment', { payment_id }, token);

/** One payment for two merchants with real APIv3 signatures, refunded, first in peace and then with the network broken. */
export async function payingByWechat(mall: Mall): Promise<void> {
  chapter('Paying by WeChat (APIv3 through the simulator)');
  const token = await mall.login('demo-buyer');
  const products = await twoMerchantsProducts(mall);
  const prepare = async () => {
    const orders = await checkOut(mall, token, products);
    const body = { order_ids: orders, channel: 'wechat' };
    return { orders, prepared: await mall.data<Prepared>('POST', 'order/pay', body, token) };
  };

  const { orders, prepared } = await step(
    'One prepay covers two merchants; a repeat answers the same attempt',
    async () => {
      const first = await prepare();
      const body = { order_ids: first.orders, channel: 'wechat' };
      const again = await mall.data<Prepared>('POST', 'order/pay', body, token);
      proves('the attempt', again.payment_id, first.prepared.payment_id);
      return first;
    },
  );
  await step('The phone says "paid", and that alone proves nothing', async () => {
    proves('the orders', await statusesOf(mall, token, orders), [1, 1]);
  });
  await step('The user pays; a signed and encrypted notification moves both orders', async () => {
    await userPays(mall, prepared);
    await eventually('the orders', () => statusesOf(mall, token, orders), [2, 2]);
    await provesCleanBooks(mall);
  });
  await step('One merchant refunds his order whole, to where the money came from', async () => {
    const merchant = await merchantOf(mall, products[0]);
    await mall.data('POST', 'order/refund', { order_id: orders[0], reason: '商户退单' }, merchant);
    await eventually('the orders', () => statusesOf(mall, token, orders), [6, 2]);
    await provesCleanBooks(mall);
  });
}

/** The last chapter: everything that can go wrong between WeChat and us does. */
export async function theNetworkBreaks(mall: Mall): Promise<void> {
  chapter('The network breaks');
  const token = await mall.login('demo-buyer');
  const products = await twoMerchantsProducts(mall);
  const order = async () => checkOut(mall, token, products);
  const pay = (orders: number[]) =>
    mall.data<Prepared>('POST', 'order/pay', { order_ids: orders, channel: 'wechat' }, token);

  await step('Every notification is lost: the reconciler asks, and books', async () => {
    await wechat(mall, 'notice-fault', { on: 'transaction', fault: { kind: 'lose' }, times: null });
    const orders = await order();
    await userPays(mall, await pay(orders));
    await eventually('the orders', () => statusesOf(mall, token, orders), [2, 2]);
    await wechat(mall, 'clear-faults');
  });
  await step('A notification comes twenty times at once: booked once', async () => {
    await wechat(mall, 'notice-fault', { on: 'transaction', fault: { kind: 'duplicate', count: 20 } });
    const orders = await order();
    await userPays(mall, await pay(orders));
    await eventually('the orders', () => statusesOf(mall, token, orders), [2, 2]);
    await wechat(mall, 'idle');
    await provesCleanBooks(mall);
  });
  await step('WeChat executes the prepay and its answer is lost: 503, and the same call again goes on', async () => {
    const orders = await order();
    await wechat(mall, 'fault', { on: 'prepay_jsapi', fault: { kind: 'drop_after' } });
    const body = { order_ids: orders, channel: 'wechat' };
    const lost = await mall.post('/api/v1/order/pay', { body, token });
    proves('the unknown result', lost.status, 503);
    await userPays(mall, await pay(orders));
    await eventually('the orders', () => statusesOf(mall, token, orders), [2, 2]);
  });
  await step('The answer to a refund is lost: asked again under the same number, refunded once', async () => {
    const [mine] = products;
    const orders = await order();
    const prepared = await pay(orders);
    await userPays(mall, prepared);
    await eventually('the orders', () => statusesOf(mall, token, orders), [2, 2]);
    await wechat(mall, 'fault', { on: 'refund', fault: { kind: 'drop_after' } });
    const merchant = await merchantOf(mall, mine);
    await mall.data('POST', 'order/refund', { order_id: orders[0], amount: 1, reason: '补差价' }, merchant);
    const refunded = async () => (await payment(mall, token, prepared.payment_id)).refunded;
    await eventually('the refund', refunded, 1);
  });
  await step('A forged notification is refused', async () => {
    const body = { id: 'forged', resource: { ciphertext: 'x', nonce: 'x', associated_data: '' } };
    const reply = await mall.post('/api/v1/payment/notify', { body });
    proves('a refusal', reply.status >= 400 && reply.status < 500, true);
  });
  await step('After all of it the books balance to the fen', () => provesCleanBooks(mall));
}
