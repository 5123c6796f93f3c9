import { eventually, fenOf, provesCleanBooks, twoMerchantsProducts } from './cast.js';
import type { Json, Mall } from './mall.js';
import { wechat } from './paying-by-wechat.js';
import { chapter, proves, step } from './story.js';

interface WebUser {
  readonly id: number;
  readonly balance: number;
  readonly coupon: number;
}
interface RechargeItem {
  readonly id: number;
  readonly money: number;
  readonly charge: number;
}
interface Answer {
  readonly code: number;
  readonly data: unknown;
}
interface LedgerLine {
  readonly money: number;
}

const PASSWORD = 'correct horse battery';

/** A browser's half of the web wire: a cookie, `{code, data}`, fen. */
class Visitor {
  private cookie = '';

  constructor(private readonly mall: Mall) {}

  async open(method: 'GET' | 'POST', path: string, body?: Json): Promise<Answer> {
    const headers: Record<string, string> = this.cookie ? { Cookie: this.cookie } : {};
    const call = { ...(body ? { body } : {}), headers };
    const reply = method === 'GET' ? await this.mall.get(path, call) : await this.mall.post(path, call);
    const [session] = reply.headers.getSetCookie();
    if (session) [this.cookie] = session.split(';');
    return reply.body;
  }

  async data<T>(method: 'GET' | 'POST', path: string, body?: Json): Promise<T> {
    const { code, data } = await this.open(method, path, body);
    proves(`${method} ${path}`, code, 0);
    return data as T;
  }
}

/** Signs up, recharges through WeChat, buys from the balance, pays a cart with coupons, reads both ledgers. */
export async function theWebShop(mall: Mall): Promise<void> {
  chapter('The web shop (cookies, wallet, recharge)');
  const visitor = new Visitor(mall);
  const me = () => visitor.data<WebUser>('GET', '/user');
  const phone = `138${String(Date.now()).slice(-8)}`;

  const user = await step('Somebody signs up by phone and is logged in; a wrong password is not', async () => {
    const signedUp = await visitor.data<WebUser>('POST', '/account/signup', { phone, password: PASSWORD });
    const stranger = await new Visitor(mall).open('POST', '/account/login', { phone, password: 'wrong password' });
    proves('the refusal', stranger.code, 10002);
    proves('the same person', (await me()).id, signedUp.id);
    return signedUp;
  });
  const item = await step('He recharges: paid at WeChat, credited once, with its bonus', async () => {
    const items = await visitor.data<RechargeItem[]>('GET', '/payment_items');
    const chosen = items[items.length - 1];
    const { payment_id: _, ...fields } = await visitor.data<Json>('POST', '/payment_order', { item_id: chosen.id });
    await wechat(mall, 'notice-fault', { on: 'transaction', fault: { kind: 'duplicate', count: 20 } });
    const { ok } = await wechat<{ ok: boolean }>(mall, 'pay', { fields });
    proves('the payment at WeChat', ok, true);
    await eventually('the balance', async () => (await me()).balance, chosen.money + chosen.charge);
    return chosen;
  });
  const [first, second] = await twoMerchantsProducts(mall);
  const price = fenOf(first.price);
  await step('He buys one product with his balance', async () => {
    await visitor.data('POST', `/product/${first.id}/with_balance`);
    proves('the balance', (await me()).balance, item.money + item.charge - price);
  });
  await step('A link on another site buys nothing', async () => {
    const headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' };
    const reply = await mall.get(`/product/${first.id}/with_balance`, { headers });
    proves('a refusal', (reply.body as { code: number }).code === 0, false);
  });
  await step('Root grants a coupon, and the cart is paid with it', async () => {
    const amount = second.price;
    const grant = { userId: user.id, asset: 'COUPON', amount, reason: '新人券' };
    await mall.data('POST', 'wallet/grant', grant, await mall.login('demo-root'));
    await visitor.data('POST', '/cart', { product_id: second.id });
    const paid = await visitor.data<{ success: unknown[]; fail: unknown[] }>('POST', '/cart/pay_with_coupon');
    proves('one bought, none failed', [paid.success.length, paid.fail.length], [1, 0]);
    proves('the coupon', (await me()).coupon, 0);
  });
  await step('Both ledgers add up to what is in the wallet', async () => {
    const sum = async (type: number) =>
      (await visitor.data<LedgerLine[]>('GET', `/ledgers?type=${type}`)).reduce((total, { money }) => total + money, 0);
    const wallet = await me();
    proves('the sums', [await sum(0), await sum(1)], [wallet.balance, wallet.coupon]);
    await provesCleanBooks(mall);
  });
  await step('Signed out, the cookie is dead', async () => {
    await visitor.open('GET', '/account/signout');
    proves('not logged in', (await visitor.open('GET', '/user')).code, 10003);
  });
}
